"""The areas that published files speak of: found by their codes or names, or added.

Files change the code of a council part way, and some have names alone. One council stays one area:
its most lasting code is the area's, the others are kept as aliases, and each is told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from esbt.kit.problems import Fault
from outcomes.models import Area, AreaCode
from outcomes.services.definitions import AreaCodeSpec, AreaSpec, save_area_codes, save_areas
from outcomes.workbook.mapping import AreasPart, SameArea, plain
from outcomes.workbook.reading import FoundRow
from schemes.models import User
from schemes.people.permissions import Permission, has_permission

Said = tuple[tuple[str, ...], str]  # codes and name, as a file has them


@dataclass
class FileAreas:
    """Our area's code for what files say; ``unknown`` holds a fault for each that is none of ours,
    ``faults`` what is wrong otherwise, ``warnings`` what is unsure.
    """

    codes: dict[Said, str] = field(default_factory=dict)
    unknown: dict[Said, Fault] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def find_areas(*, by: User | None, part: AreasPart | None, rows: Sequence[FoundRow]) -> FileAreas:
    """Find the area of each row, and add what the mapping says to add.

    Only who loads data adds areas; for others one stays unknown. Runs in the caller's
    transaction. The number of queries does not depend on the number of rows.
    """
    finder = _Finder(by, part, rows)
    finder.find()
    return finder.found


def normal(name: str) -> str:
    """A name without what does not tell areas apart."""
    return plain(re.sub(r"[^\w\s]", " ", name.replace("&", " and ")))


class _Finder:
    def __init__(self, by: User | None, part: AreasPart | None, rows: Sequence[FoundRow]) -> None:
        self.by = by
        # single cells name our own codes
        self.part = part or AreasPart(code=["area"], kind=Area.Kind.PLACE)
        self.more_codes: dict[tuple[str, str], AreaCodeSpec | None] = {}
        self.found = FileAreas()
        self.rows: dict[Said, FoundRow] = {}  # the first that says so
        self.times: Counter[str] = Counter()  # rows by code
        for row in rows:
            self.rows.setdefault((row.codes, row.name), row)
            self.times.update(row.codes)
        areas = list(Area.objects.values_list("code", "name", "kind"))
        self.known = {code: name for code, name, _ in areas}
        self.names = {normal(name) for _, name, kind in areas if kind == self.part.kind}
        self.aliases = {
            (register, code): area
            for register, code, area in AreaCode.objects.values_list(
                "register", "code", "area__code"
            )
        }
        self.may_add = self.part.add and (by is None or has_permission(by, Permission.LOAD_DATA))

    def find(self) -> None:
        """Look up by code, then by name, then add what is left."""
        left = [said for said in self.rows if not (self._by_same(said) or self._by_code(said))]
        if self.part.find != "by code":
            left = self._by_name(left)
        if self.may_add:
            self._add(left)
            save_area_codes(by=self.by, specs=[spec for spec in self.more_codes.values() if spec])
        else:
            for said in left:
                self._unknown(said)

    def _by_same(self, said: Said) -> bool:
        """Whether the mapping itself says which area it is."""
        codes, name = said
        meant = next((self.part.same[t] for t in (*codes, name) if t in self.part.same), None)
        if meant is None or not (meant.code in self.known or self._add_same(meant)):
            return False
        self.found.codes[said] = meant.code
        return True

    def _add_same(self, meant: SameArea) -> bool:
        if not self.may_add or not meant.name:
            return False
        save_areas(by=self.by, specs=[AreaSpec(code=meant.code, name=meant.name, kind=meant.kind)])
        self.known[meant.code] = meant.name
        return True

    def _by_code(self, said: Said) -> bool:
        """Whether its codes are known; a fault where they are of different areas."""
        areas = {area for code in said[0] if (area := self._area_of(code))}
        if len(areas) > 1:
            both = " and ".join(sorted(areas))
            self._fault(said, f"These codes are of different areas, {both}. Mend the codes.")
        elif areas:
            self.found.codes[said] = area = areas.pop()
            new = [code for code in said[0] if not self._area_of(code)]
            changed = [c for c in new if self._register(c) == self._register(area.upper()) != ""]
            if changed:
                self._tell_codes(said, area, changed)
            self._alias(area, new)
            self._check_name(said, area)
            return True
        return len(areas) > 1

    def _check_name(self, said: Said, area: str) -> None:
        """Tell of a name that is another area's, or has no word of the name of its code's area."""
        name, own = normal(said[1]), normal(self.known[area])
        if not name or name == own:
            return
        if name in self.names or not {*name.split()} & {*own.split()}:
            row = self.rows[said]
            words = (
                f"'{said[1]}' stands under '{said[0][0]}', which is {self.known[area]}. "
                "It is taken by its code."
            )
            column = self._column(said)
            self.found.warnings.append(Fault(words, column, said[0][0], row.row, row.place))

    def _area_of(self, code: str) -> str:
        if code.lower() in self.known:
            return code.lower()
        return self.aliases.get((self._register(code), code), "")

    def _register(self, code: str) -> str:
        """The register whose codes look like this one; "" for none."""
        for register, form in self.part.registers.items():
            if re.fullmatch(form, code):
                return register
        return ""

    def _by_name(self, left: Iterable[Said]) -> list[Said]:
        """Find areas of the mapping's kind by name; what is left after that."""
        named: dict[str, set[str]] = {}
        for code, name in Area.objects.filter(kind=self.part.kind).values_list("code", "name"):
            named.setdefault(normal(name), set()).add(code)
        for (_, name), code in self.found.codes.items():
            named.setdefault(normal(name), set()).add(code)
        still = []
        for said in left:
            areas = named.get(normal(said[1]), set()) if said[1] else set()
            if len(areas) > 1:
                both = " and ".join(sorted(areas))
                self._fault(said, f"Several areas have this name: {both}. Give its code.")
            elif areas:
                self._same_name(said, next(iter(areas)))
            else:
                still.append(said)
        return still

    def _same_name(self, said: Said, area: str) -> None:
        """Take a row for an area of the same name; tell of the code that was not known."""
        self.found.codes[said] = area
        if said[0]:
            self._tell_codes(said, area, said[0])

    def _tell_codes(self, said: Said, area: str, codes: Sequence[str]) -> None:
        row, other = self.rows[said], " and ".join(f"'{code}'" for code in codes)
        words = f"'{said[1]}' stands here under {other} and elsewhere under '{area}': one area."
        self.found.warnings.append(Fault(words, "", said[0][0], row.row, row.place))
        self._alias(area, codes)

    def _alias(self, area: str, codes: Sequence[str]) -> None:
        """Note codes of an area in their registers, for the next file; none that two areas bear."""
        for code in codes:
            if register := self._register(code):
                spec = AreaCodeSpec(registry=register, code=code, area=area)
                held = self.more_codes.setdefault((register, code), spec)
                if held != spec:
                    self.more_codes[register, code] = None

    def _add(self, left: Sequence[Said]) -> None:
        """Add areas: one for all that share a name, or where there are only codes one each."""
        groups: dict[str, list[Said]] = {}
        for said in left:
            by_name = self.part.find != "by code" and said[1]
            groups.setdefault(normal(said[1]) if by_name else said[0][0].lower(), []).append(said)
        specs = []
        for group in groups.values():
            codes = list(dict.fromkeys(code for said in group for code in said[0]))
            if not codes:
                self._unknown(group[0])
                continue
            own = self._lasting(codes)
            name = next((said[1] for said in reversed(group) if said[1]), own)
            specs.append((AreaSpec(code=own.lower(), name=name, kind=self.part.kind), group, codes))
        save_areas(by=self.by, specs=[spec for spec, _, _ in specs])
        for spec, group, codes in specs:
            self.known[spec.code] = spec.name
            others = [code for code in codes if code.lower() != spec.code]
            for said in group:
                self.found.codes[said] = spec.code
            if len({said[0] for said in group}) > 1:
                second = next(said for said in group if others[0] in said[0])
                self._tell_codes(second, spec.code, others)
            else:
                self._alias(spec.code, others)

    def _lasting(self, codes: Sequence[str]) -> str:
        """The code that an area is kept under: of the first register, in the most rows."""
        order = [*self.part.registers, ""]
        return min(codes, key=lambda code: (order.index(self._register(code)), -self.times[code]))

    def _unknown(self, said: Said) -> None:
        what = f"'{said[1]}'" if said[1] else "This area"
        add = " Who loads data can add it." if self.part.add else ""
        words = f"{what} is not an area that is known.{add} Mend it, or leave it out."
        self.found.unknown[said] = self._of(said, words)

    def _fault(self, said: Said, words: str) -> None:
        self.found.faults.append(self._of(said, words))

    def _of(self, said: Said, words: str) -> Fault:
        row = self.rows[said]
        value = said[0][0] if said[0] else said[1]
        return Fault(words, self._column(said), value, row.row, row.place)

    def _column(self, said: Said) -> str:
        return self.part.code[0] if said[0] else self.part.name
