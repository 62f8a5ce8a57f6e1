"""One file that a force has uploaded, row by row: what is wrong with each, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provider.caseload.actors import names_of
from provider.domain.compliance.outcomes import status_for_force
from provider.domain.referrals.models import Referral
from provider.domain.uploads.models import TO_DO, UNDER_WAY, RowState, Upload, UploadRow
from provider.kernel.database import db
from provider.kernel.sheets import sheet

PAGE = 50
WRONG = (RowState.FAULTY, RowState.REFUSED)
SHOWN: Mapping[str, str] = {"wrong": "To put right", "doubtful": "To look at", "all": "All rows"}


@dataclass(frozen=True)
class RowLine:
    """A row by its number in the sheet. ``reference``, ``status`` and ``received_at`` are of the referral it is."""

    number: int
    state: str
    faults: Sequence[Mapping[str, str]]
    doubts: Sequence[Mapping[str, str]]
    reference: str | None
    force_reference: str | None
    status: str | None
    received_at: datetime | None


@dataclass(frozen=True)
class Counts:
    """Rows by how they stand. ``good`` and ``doubtful`` wait; ``wrong`` cannot be sent as they are, ``faulty`` are
    those of them that were so from the beginning.
    """

    rows: int
    faulty: int
    good: int
    doubtful: int
    wrong: int
    sent_before: int
    sent: int
    not_sent: int
    to_check: int
    with_doubts: int

    @property
    def waiting(self) -> int:
        return self.good + self.doubtful

    @property
    def to_do(self) -> int:
        """How many the work is about, done or not."""
        return self.rows - self.faulty

    @property
    def settled(self) -> int:
        return self.to_do - self.waiting

    @property
    def checked(self) -> int:
        return self.to_do - self.to_check


@dataclass(frozen=True)
class UploadPage:
    """One upload. ``show`` is which of its rows are listed, ``matching`` how many those are on all pages."""

    public_id: str
    state: str
    mode: str | None
    read_at: datetime
    read_by: str
    started_by: str | None
    ended_at: datetime | None
    counts: Counts
    show: str
    lines: tuple[RowLine, ...]
    matching: int
    page: int

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


def upload_page(upload: Upload, *, show: str | None, page: int) -> UploadPage:
    """One upload with a page of its rows, in three queries; unless ``show`` says, what is to be put right first."""
    counts = _counts(upload)
    if show is None or show not in SHOWN:
        show = "wrong" if counts.wrong else "all"
    matching = {"wrong": counts.wrong, "doubtful": counts.with_doubts, "all": counts.rows}[show]
    actors = {f"account:{upload.account_id}", f"account:{upload.started_by_id or upload.account_id}"}
    names = names_of(actors)
    rows = _rows(upload).where(*_which(show)).limit(PAGE).offset((page - 1) * PAGE)
    return UploadPage(
        public_id=upload.public_id,
        state=upload.state,
        mode=upload.mode,
        read_at=upload.read_at,
        read_by=names[f"account:{upload.account_id}"],
        started_by=names[f"account:{upload.started_by_id}"] if upload.started_by_id else None,
        ended_at=upload.ended_at,
        counts=counts,
        show=show,
        lines=tuple(_line(row) for row in db.session.execute(rows)),
        matching=matching,
        page=page,
    )


def upload_results(upload: Upload) -> str:
    """What became of every row, as a sheet that names nobody."""
    columns = (
        "row",
        "result",
        "reference",
        "force_reference",
        "status",
        "received",
        "to_put_right",
        "to_look_at",
    )
    lines = (_line(row) for row in db.session.execute(_rows(upload)))
    return sheet(columns, (_written(line) for line in lines))


def _written(line: RowLine) -> Sequence[object]:
    received = line.received_at.isoformat(timespec="seconds") if line.received_at is not None else None
    return (
        line.number,
        line.state,
        line.reference,
        line.force_reference,
        line.status,
        received,
        _said(line.faults),
        _said(line.doubts),
    )


def _said(remarks: Sequence[Mapping[str, str]]) -> str:
    return " | ".join(": ".join(filter(None, (one["column"], one["detail"]))) for one in remarks)


def _counts(upload: Upload) -> Counts:
    doubtful = UploadRow.doubts.is_not(None)
    counted = sa.select(UploadRow.state, doubtful.label("doubtful"), sa.func.count().label("number")).where(
        UploadRow.upload_id == upload.id
    )
    found = {
        (state, bool(doubts)): number
        for state, doubts, number in db.session.execute(counted.group_by(UploadRow.state, doubtful))
    }

    def number(*states: str, doubts: tuple[bool, ...] = (True, False)) -> int:
        return sum(found.get((state, with_doubts), 0) for state in states for with_doubts in doubts)

    return Counts(
        rows=upload.rows,
        faulty=number(RowState.FAULTY),
        good=number(*TO_DO, doubts=(False,)),
        doubtful=number(*TO_DO, doubts=(True,)),
        wrong=number(*WRONG),
        sent_before=number(RowState.SENT_BEFORE),
        sent=number(RowState.SENT),
        not_sent=number(RowState.NOT_SENT),
        to_check=number(RowState.READY),
        with_doubts=number(*RowState, doubts=(True,)),
    )


def _rows(upload: Upload) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            UploadRow.number,
            UploadRow.state,
            UploadRow.faults,
            UploadRow.doubts,
            Referral.reference,
            Referral.force_reference,
            Referral.status,
            Referral.received_at,
        )
        .outerjoin(
            Referral, sa.and_(Referral.id == UploadRow.referral_id, Referral.force_id == UploadRow.force_id)
        )
        .where(UploadRow.upload_id == upload.id)
        .order_by(UploadRow.number)
    )


def _which(show: str) -> list[sa.ColumnElement[bool]]:
    if show == "wrong":
        return [UploadRow.state.in_(WRONG)]
    return [UploadRow.doubts.is_not(None)] if show == "doubtful" else []


def _line(row: Any) -> RowLine:
    return RowLine(
        number=row.number,
        state=row.state,
        faults=row.faults or (),
        doubts=row.doubts or (),
        reference=row.reference,
        force_reference=row.force_reference,
        status=status_for_force(row.status) if row.status is not None else None,
        received_at=row.received_at,
    )
