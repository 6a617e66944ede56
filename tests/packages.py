"""Small data packages for tests: tables as text, one string a row."""

import json
import zipfile
from pathlib import Path

from esbt.kit.rows import schema_of
from esbt.loading import TABLES

SYSTEM = {
    "systems": ["code,name", "valley,The Valley"],
    "partners": [
        "code,name,short_name,kind",
        "moor,Moor Council,Moor,council",
        "dale,Dale CCG,Dale,ccg",
        "fell,Fell CCG,Fell,ccg",
        "both,Dale and Fell,the CCGs,group",
    ],
    "group_members": ["group,member", "both,dale", "both,fell"],
    "memberships": [
        "system,partner,position",
        "valley,moor,1",
        "valley,both,2",
        "valley,dale,3",
        "valley,fell,4",
    ],
    "years": ["system,year,status", "valley,2017-18,open"],
    "sources": ["code,title", "report,A report"],
}
MONEY = {
    "lines": [
        "system,year,line,name,partner,kind,calendar",
        "valley,2017-18,moor-position,Position,moor,position,monthly",
        "valley,2017-18,both-position,Position,both,position,year-end",
    ],
    "plans": ["system,year,plan,name,headline", "valley,2017-18,original,Original,true"],
    "plan_figures": [
        "system,year,plan,line,full_year,unit,source,place,printed",
        "valley,2017-18,original,moor-position,-1.5,million,report,1,(1.5)",
        "valley,2017-18,original,both-position,200,thousand,report,1,200",
    ],
    "outturns": [
        "system,year,line,month,measure,amount,unit,source,place,printed",
        "valley,2017-18,moor-position,12,actual,-2.25,million,report,1,(2.25)",
        "valley,2017-18,both-position,12,actual,-0.07,gbp,report,1,(0.07)",
    ],
}


def write_package(folder: Path, tables: dict[str, list[str]], **descriptor: object) -> Path:
    """Write a package whose schema is the columns of each table's first row."""
    folder.mkdir(parents=True, exist_ok=True)
    resources = []
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        known = {item["name"]: item for item in schema_of(TABLES[name])["fields"]}
        fields = [known.get(column, {"name": column}) for column in rows[0].split(",")]
        resources.append({"name": name, "path": f"{name}.csv", "schema": {"fields": fields}})
    said = {"name": folder.name, "resources": resources, **descriptor}
    (folder / "datapackage.json").write_text(json.dumps(said), encoding="utf-8")
    return folder


def change_descriptor(folder: Path, resource: int = 0, **values: object) -> Path:
    """Replace values of a resource in a package's datapackage.json."""
    path = folder / "datapackage.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["resources"][resource].update(values)
    path.write_text(json.dumps(said), encoding="utf-8")
    return folder


def zipped(folder: Path, inside: str = "") -> Path:
    """Zip the files of a package, under a folder where ``inside`` names one."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for item in sorted(folder.iterdir()):
            file.write(item, inside + item.name)
    return path
