"""Sizes, speeds and times in words."""

from __future__ import annotations

from desktop.models.service import Arrival
from engine.models.catalogue import Entry
from engine.models.folder import ModelFolder
from engine.models.queue import Job, Place


def of_model(model: ModelFolder) -> str:
    return f"{gigabytes(model.size_bytes)} · {model.context_length:,} tokens of context"


def of_entry(entry: Entry, verdict: str) -> str:
    size = gigabytes(entry.size_bytes) if entry.size_bytes else "size not known before"
    about = f"{size} · {entry.licence} · from {entry.source.repo}"
    return f"{about}\nHere {verdict}" if verdict else about


def of_job(job: Job, arrival: Arrival | None) -> str:
    if job.place is Place.FAILED:
        return job.sentence
    if job.place is Place.PAUSED:
        return "Paused; what has arrived is kept."
    if arrival is None:
        return job.sentence or "Waits for its turn."
    return of_arrival(arrival)


def of_arrival(arrival: Arrival) -> str:
    parts = [f"{arrival.stage}: {arrival.done / 1e9:,.1f} of {gigabytes(arrival.total)}"]
    if arrival.trouble:
        parts.append(arrival.trouble)
    elif arrival.bytes_per_second:
        parts.append(f"{arrival.bytes_per_second / 1e6:,.0f} MB a second")
        if arrival.seconds_left is not None:
            parts.append(f"{duration(arrival.seconds_left)} left")
    return " · ".join(parts)


def gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"


def duration(seconds: float) -> str:
    """Rounded up, as nobody minds to wait less."""
    minutes = -(-int(seconds) // 60)
    if seconds < 60:
        return "less than a minute"
    if minutes > 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return "a minute" if minutes == 1 else f"{minutes} minutes"
