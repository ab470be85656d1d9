"""`lcm init`: a first lcm.yaml and roster.csv, with what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sync_worker.config.private_files import write_private
from sync_worker.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
# Settings of lcm. Relative paths count from this file's folder. `lcm check` says what is still wrong.

forum:
  url: https://forum.example.org
  # An account of yours that posts what the worker writes; it must be staff.
  api_username: system
  # The API key (Discourse: Admin > API, all users) comes from the environment, or from a file:
  key_env: DISCOURSE_API_KEY
  # key_file: discourse-key
  # Discourse allows 60 a minute for the whole site, all keys together.
  calls_per_minute: 55

# What the worker did and knows. PostgreSQL: postgresql+psycopg://lcm@localhost/lcm
store: sqlite:///lcm.db

roster:
  csv: roster.csv
  # snapshot: who is missing has left. delta: the file only adds.
  kind: snapshot

# How often `lcm run` reads the roster and brings the groups in step, within the limits below. What goes beyond them
# changes nothing and waits for you (lcm status). apply: false only plans. between: hours of the clocks of timezone.
sync: {every: 1h, apply: true, between: "06:00-22:00", timezone: Europe/Lisbon}

cohorts:
  - key: spring-27
    name: Leading teams, spring 2027
    start: 2027-03-01
    end: 2027-05-28
    timezone: Europe/Lisbon
    locale: en            # en or fr
    playbook: first-steps # `lcm playbook list` shows them all
    # parent_category: leadership   # slug of a category to stand under; made if there is none
    # alumni_group: alumni          # whom learners join when the cohort is over
    # archive_after: 14             # days after its end
    # category_notifications: regular   # what new members start with; else they hear of each new topic

# Folders with playbooks of your own.
# playbooks: [playbooks]

# What `lcm sync --apply` and `lcm run` may do. A class that is not in the list is off; see docs/membership.md.
#   add: people to groups        owners: LCMs own their cohort's group
#   create: what is missing      adopt: groups and categories that were there before
#   remove: people whom the worker added, after grace_days      archive: close categories of cohorts that are over
#   invite: people without an account, by e-mail, see docs/invitations.md
limits:
  allow: [add, owners, create]
  # grace_days: 7                # how long to wait before a removal
  # max_removals: 50             # in one day; of each group at most a quarter
  # max_additions: 200           # refuse more in one day
  # protected: [marta@example.org]   # never removed, whatever the roster says
"""

ROSTER = """\
external_id,email,name,cohort,role
E1001,ines@example.org,Ines Duarte,spring-27,learner
E1002,tomas@example.org,Tomas Reis,spring-27,learner
E0007,marta@example.org,Marta Lopes,spring-27,lcm
"""

NEXT = """\
Next:
  1. Put your forum's address, your cohorts and their people into these two files.
  2. Make an API key in Discourse (Admin > API) and put it into DISCOURSE_API_KEY.
  3. lcm check            says what is still missing
  4. lcm sync             shows who would be added; lcm sync --apply does it
  5. lcm playbook show first-steps --cohort spring-27
  6. lcm run              looks after your cohorts and their people from then on"""


def init(folder: Path) -> None:
    """Write a commented lcm.yaml and a small roster.csv; nothing is ever overwritten."""
    files = {folder / "lcm.yaml": SETTINGS, folder / "roster.csv": ROSTER}
    for path in files:
        if path.exists():
            raise UsageError(
                "it is there already; nothing was written.",
                where=str(path),
                do="Edit it, or name another folder: lcm init FOLDER.",
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            write_private(path, text, new=True)
            click.echo(f"Wrote {path}")
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}.", where=str(folder), do="Name another folder."
        ) from None
    click.echo(NEXT)
