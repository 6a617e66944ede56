"""An amount of a pool as a person states it, never over a newer saying."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from esbt.kit.problems import Conflict, Fault, Refused
from finance.models import PoolAmount
from finance.services.pools import PoolAmountSpec, save_pool_amounts
from schemes.models import Slice, User
from schemes.people.permissions import Permission, require
from schemes.services.slices import hold


@transaction.atomic
def keep_pool_amount(*, by: User, slice_id: int, spec: PoolAmountSpec, seen: int) -> None:
    """State an amount of a pool in a year over the one that its author saw.

    ``seen`` is that one's change number, 0 where nothing was stated. Raises Conflict when somebody
    stated it since, Refused for a doubted one, which is settled instead, and as
    ``save_pool_amounts`` does.
    """
    slice_ = Slice.objects.select_related("system").get(pk=slice_id)
    require(by, Permission.KEEP_POOLS, system=slice_.system)
    hold(Q(pk=slice_id))
    own = PoolAmount.objects.filter(slice=slice_id, pool__code=spec.pool, code=spec.code)
    last = own.order_by("-change").first()
    if (last.change if last else 0) != seen:
        raise Conflict([Fault("Somebody stated this amount since you opened it.")], [])
    if last and last.status == PoolAmount.Status.SUSPECT:
        said = "This amount is doubted. Settle it on the page of the pool, with the reason."
        raise Refused([Fault(said, "pence")])
    save_pool_amounts(by=by, slice_id=slice_id, specs=[spec])
