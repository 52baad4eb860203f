"""What a run has booked, in the same figures as what was shown before it: read from the book itself."""

from __future__ import annotations

from desk.impact.figures import Digest, Impact, StationFigures
from local_store.outlook import BookedVoucher, booked_by_station, booked_in, conflicts_in
from local_store.transaction import Tx

_OF_WHOLE_PLATFORMS = ("guard", "contract")  # shown apart, as stops


def booked_by(tx: Tx, run: int, shown: Impact) -> Impact:
    """Give what a run has booked and told; what only a look ahead can count is left at nothing."""
    booked = Impact(shown.version, shown.in_force, digest=Digest())
    by_service: dict[str, list[BookedVoucher]] = {}
    for voucher in booked_in(tx, run):
        booked.digest.add(voucher.body)
        booked.at(voucher.station).moved_seconds += voucher.seconds
        by_service.setdefault(voucher.service_id, []).append(voucher)
    for vouchers in by_service.values():
        _count(vouchers, booked.at(vouchers[-1].station))
    for kind, station, is_opened in conflicts_in(tx, run):
        if kind in _OF_WHOLE_PLATFORMS:
            continue
        where = booked.at(station)
        (where.opened if is_opened else where.closed)[kind] += 1
    stands = booked_by_station(tx)
    for station in stands.keys() | booked.stations.keys():
        booked.at(station).before_seconds = stands.get(station, 0) - booked.at(station).moved_seconds
    return booked


def _count(vouchers: list[BookedVoucher], where: StationFigures) -> None:
    kinds = {voucher.kind for voucher in vouchers}
    where.corrected += kinds == {"post", "reverse"}
    where.posted += kinds == {"post"}
    where.reversed += kinds == {"reverse"}


def differing(shown: Impact, booked: Impact) -> list[str]:
    """Give the stations where what was booked or told is not what was shown."""
    stations = sorted(shown.stations.keys() | booked.stations.keys())
    return [one for one in stations if _facts(shown.stations.get(one)) != _facts(booked.stations.get(one))]


def _facts(figures: StationFigures | None) -> tuple[object, ...]:
    """Give the figures that both can count."""
    one = figures or StationFigures()
    return (one.posted, one.corrected, one.reversed, one.before_seconds, one.moved_seconds, one.opened, one.closed)
