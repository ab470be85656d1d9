"""A small OneRoster export to write, and to break."""

from __future__ import annotations

import zipfile
from pathlib import Path

Files = dict[str, str]


def export(version: str = "1.1", mode: str = "bulk", **changed: str) -> Files:
    """Return the files of a small export; a keyword replaces a file's text, `manifest_X` a line of the manifest."""
    names = ["academicSessions", "classes", "enrollments", "orgs", "users"] + ["roles"] * (version != "1.1")
    modes = {name: changed.pop(f"manifest_{name}", mode) for name in names}
    files = {
        "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,"
        "schoolYear\n"
        "t1,,,Autumn,term,2027-09-01,2027-12-18,,2028\nt2,,,Winter,term,2027-12-18,2028-03-01,,2028\n",
        "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
        "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n"
        'c1,,,Leading teams,,k1,LT,scheduled,,o1,"t1,t2",,,\nc2,,,Coaching,,k1,CO,scheduled,,o1,t1,,,\n',
        "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
        "beginDate,endDate\n"
        "e1,,,c1,o1,u1,student,,,\ne2,,,c1,o1,u2,teacher,true,,\ne3,,,c2,o1,u1,student,,2027-09-15,2027-12-01\n",
        "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no1,,,School,school,,\n",
        "users": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,"
        "familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
        'u1,,,true,o1,student,ana@x.org,"{FED:77},{LDAP:ana}",Ana,Silva,,A1,ana@x.org,,,"u4,u3",,\n'
        "u2,,,true,o1,teacher,marta,,Marta,Lopes,,,marta@x.org,,,,,\n"
        "u3,,,true,o1,aide,boss,,Bo,Ss,,,boss@x.org,,,,,\n"
        "u4,,,true,o1,parent,mum,,M,Um,,,mum@x.org,,,,,\n",
        "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
        "r1,,,u1,primary,student,,,o1\nr4,,,u4,primary,guardian,,,o1\n",
    }
    files = {name: files[name] for name in names} | changed
    lines = [f"manifest.version,1.0\noneroster.version,{version}"] + [f"file.{n},{m}" for n, m in modes.items()]
    files.setdefault("manifest", "propertyName,value\n" + "\n".join([*lines, "file.demographics,absent", ""]))
    return {name: text for name, text in files.items() if modes.get(name) != "absent"}


def write_folder(folder: Path, files: Files) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def write_zip(path: Path, files: Files, *, inside: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{inside}{name}.csv", text)
    return path
