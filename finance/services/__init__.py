"""Every write of money: keyword-only functions, actor named, one transaction, all or nothing.

``by`` is the person who acts; None is the installation's own operator at the command line.
"""

from finance.services.bulk import copy_outturns
from finance.services.causes import CauseSpec, explain_variance
from finance.services.closing import close_month, reopen_month
from finance.services.handing import hand_on, submit_return
from finance.services.judgements import ClaimSpec, RatingSpec, rate_schemes, settle_claim
from finance.services.lines import LineSpec, renew_covers, save_lines
from finance.services.mappings import save_mapping
from finance.services.months import PaperSpec, save_paper_total, write_commentary
from finance.services.outturns import KEEP, Entry, Saved, record_outturns
from finance.services.plans import (
    PlanEntry,
    choose_headline,
    copy_plan,
    record_plan,
    save_plan,
)
from finance.services.pool_amounts import keep_pool_amount
from finance.services.pools import (
    PoolAmountSpec,
    PoolLineSpec,
    ShareRuleSpec,
    keep_scenario,
    may_keep_scenarios,
    save_pool_amounts,
    save_pool_lines,
    save_share_rules,
    settle_pool_amount,
)
from finance.services.printed import (
    PrintedSpec,
    TableSpec,
    save_printed,
    save_printed_tables,
)
from finance.services.recovery import (
    PlanEffectSpec,
    PlanRiskSpec,
    SignedOver,
    UrgentActionSpec,
    acts_for,
    answer_question,
    remove_plan_risk,
    remove_urgent_action,
    save_plan_effects,
    save_plan_risks,
    save_urgent_actions,
    seen_of,
)
from finance.services.reprofile import Profile, Reprofiled, reprofile, undo_reprofile
from finance.services.returns import move_returns, set_year_status
from finance.services.risks import RiskMoneySpec, keep_risk, save_risk_money
from finance.services.rollover import roll_over
from finance.services.share_rules import keep_share_rule, seen_rule
from finance.services.timetable import DeadlineSpec, set_deadlines
from finance.services.undo import undo_outturns
from finance.services.uploads import read_again, receive_upload, store_upload
from finance.services.virements import (
    VirementSpec,
    propose_virement,
    reverse_virement,
    settle_virement,
)

__all__ = [
    "KEEP",
    "CauseSpec",
    "ClaimSpec",
    "DeadlineSpec",
    "Entry",
    "LineSpec",
    "PaperSpec",
    "PlanEffectSpec",
    "PlanEntry",
    "PlanRiskSpec",
    "PoolAmountSpec",
    "PoolLineSpec",
    "PrintedSpec",
    "Profile",
    "RatingSpec",
    "Reprofiled",
    "RiskMoneySpec",
    "Saved",
    "ShareRuleSpec",
    "SignedOver",
    "TableSpec",
    "UrgentActionSpec",
    "VirementSpec",
    "acts_for",
    "answer_question",
    "choose_headline",
    "close_month",
    "copy_outturns",
    "copy_plan",
    "explain_variance",
    "hand_on",
    "keep_pool_amount",
    "keep_risk",
    "keep_scenario",
    "keep_share_rule",
    "may_keep_scenarios",
    "move_returns",
    "propose_virement",
    "rate_schemes",
    "read_again",
    "receive_upload",
    "record_outturns",
    "record_plan",
    "remove_plan_risk",
    "remove_urgent_action",
    "renew_covers",
    "reopen_month",
    "reprofile",
    "reverse_virement",
    "roll_over",
    "save_lines",
    "save_mapping",
    "save_paper_total",
    "save_plan",
    "save_plan_effects",
    "save_plan_risks",
    "save_pool_amounts",
    "save_pool_lines",
    "save_printed",
    "save_printed_tables",
    "save_risk_money",
    "save_share_rules",
    "save_urgent_actions",
    "seen_of",
    "seen_rule",
    "set_deadlines",
    "set_year_status",
    "settle_claim",
    "settle_pool_amount",
    "settle_virement",
    "store_upload",
    "submit_return",
    "undo_outturns",
    "undo_reprofile",
    "write_commentary",
]
