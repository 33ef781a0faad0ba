"""Sizes, speeds and times in words."""

from __future__ import annotations

from desktop.engine_words import said
from desktop.language import number, tr, tr_later
from desktop.models.arrival import Arrival
from engine.models.catalogue import Entry
from engine.models.fit import Fit, Verdict
from engine.models.folder import ModelFolder
from engine.models.needs import Target
from engine.models.queue import Job, Place
from engine.records import Shown

VERDICTS = {
    Verdict.FITS: tr_later("Fits on {device}"),
    Verdict.TIGHT: tr_later("Tight on {device}"),
    Verdict.NOT: tr_later("Will not fit on {device}"),
}
DEVICES = {
    Target.CPU: tr_later("the CPU"),
    Target.CUDA: tr_later("the NVIDIA GPU"),
    Target.WEBGPU: tr_later("the graphics chip"),
}
STAGES = {
    "Fetching": tr_later("Fetching"),
    "Converting": tr_later("Converting"),
    "Checking": tr_later("Checking"),
    "Copying": tr_later("Copying"),
}


def of_model(model: ModelFolder, device: str, shown: Shown | None) -> str:
    """`device` says where it will run and why, or nothing."""
    parts = [gigabytes(model.size_bytes)]
    parts.append(tr("{tokens} tokens of context", tokens=model.context_length))
    if shown is not None:
        parts.append(tr("{tokens} tokens a second here", tokens=number(shown.decode)))
    return "\n".join(filter(None, (" · ".join(parts), device)))


def of_entry(entry: Entry, verdict: str) -> str:
    size = gigabytes(entry.size_bytes) if entry.size_bytes else tr("size not known before")
    source = tr("from {repo}", repo=entry.source.repo)
    about = f"{size} · {entry.licence} · {source}"
    return "\n".join(filter(None, (about, verdict)))


def of_fit(fit: Fit) -> str:
    """The verdict and its numbers."""
    parts = [tr(VERDICTS[fit.verdict], device=tr(DEVICES[fit.target]))]
    if fit.tokens_per_second and fit.verdict is not Verdict.NOT:
        parts.append(tr("about {tokens} tokens a second", tokens=number(fit.tokens_per_second)))
    return f"{', '.join(parts)}. {said(fit.reason)}"


def of_job(job: Job, arrival: Arrival | None) -> str:
    if job.place is Place.FAILED:
        return job.sentence
    if job.place is Place.PAUSED:
        return tr("Paused; what has arrived is kept.")
    if arrival is None:
        return job.sentence or tr("Waits for its turn.")
    return of_arrival(arrival)


def of_arrival(arrival: Arrival) -> str:
    stage = tr(STAGES.get(arrival.stage, arrival.stage))
    done, total = number(arrival.done / 1e9, 1), gigabytes(arrival.total)
    parts = [tr("{stage}: {done} of {total}", stage=stage, done=done, total=total)]
    if arrival.trouble:
        parts.append(arrival.trouble)
    elif arrival.bytes_per_second:
        speed = number(arrival.bytes_per_second / 1e6)
        parts.append(tr("{megabytes} MB a second", megabytes=speed))
        if arrival.seconds_left is not None:
            parts.append(tr("{time} left", time=duration(arrival.seconds_left)))
    return " · ".join(parts)


def gigabytes(size: int) -> str:
    return f"{number(size / 1e9, 1)} GB"


def duration(seconds: float) -> str:
    """Rounded up, as nobody minds to wait less."""
    minutes = -(-int(seconds) // 60)
    if seconds < 60:
        return tr("less than a minute")
    if minutes > 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return tr("a minute") if minutes == 1 else tr("{minutes} minutes", minutes=minutes)
