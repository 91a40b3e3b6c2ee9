#!/usr/bin/env python3
"""zhegai beside RapidOCR (and deface, and Presidio where it can run) on the same files, in one run, on one machine.

    python3 benches/compare/compare.py DIR [--rounds 3] [--jobs N] [--json FILE]

DIR is a batch of fixtures/generator (evaluation or others) with roster.csv and truth.jsonl. The peers are installed by pip into
target/compare. zhegai is ./target/release/zhegai, built beforehand by `cargo build --release`.

Each round runs every program once over all files, in turn, so that a slow spell of the machine strikes all alike; loading of models is
not counted for any of them. Speeds are medians over the rounds with slowest and fastest, ratios are taken round by round.

Recall: zhegai hits a target when certain findings cover 90 % of its box (as in generator.score). RapidOCR does not look for
anything, so it hits one when a line that overlaps the target's box spells it exactly, spaces and interpuncts left out: what a search of its
output would find. zhegai's and deface's boxes hit a pair of eyes when one covers 70 % of the eyes' box (as in generator.score), which
holds the brows and the lower lids too.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / "target" / "compare"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
ZHEGAI = ROOT / "target" / "release" / ("zhegai.exe" if os.name == "nt" else "zhegai")
PDF_DPI = 200


def inside_venv() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve()


def enter_venv() -> None:
    """Runs this script again by the Python that has the peers."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    requirements = Path(__file__).with_name("requirements.txt")
    subprocess.run([str(PYTHON), "-m", "pip", "install", "-q", "-r", str(requirements)], check=True)
    sys.exit(subprocess.run([str(PYTHON), *sys.argv]).returncode)


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def pages_of(path: Path):
    """A file's pages as BGR arrays; turned as its EXIF says."""
    import cv2
    import numpy
    if path.suffix.lower() == ".pdf":
        import pypdfium2
        document = pypdfium2.PdfDocument(path)
        for page in document:
            yield page.render(scale=PDF_DPI / 72).to_numpy()[:, :, :3]
        return
    yield cv2.imdecode(numpy.frombuffer(path.read_bytes(), numpy.uint8), cv2.IMREAD_COLOR)


def overlap(a, b) -> float:
    """Share of b that a covers."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0, width) * max(0, height) / max(1e-6, (b[2] - b[0]) * (b[3] - b[1]))


def plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


class RapidOcr:
    name = "RapidOCR 3.10 (PP-OCRv6 small)"

    def __init__(self) -> None:
        from rapidocr import RapidOCR
        self.engine = RapidOCR(params={"Global.log_level": "error"})

    def run(self, files: list[Path], keep) -> None:
        for path in files:
            for number, pixels in enumerate(pages_of(path), 1):
                result = self.engine(pixels)
                boxes = [] if result.boxes is None else result.boxes
                keep(path, number, [([b[:, 0].min(), b[:, 1].min(), b[:, 0].max(), b[:, 1].max()], plain(text))
                                    for b, text in zip(boxes, result.txts or [])])

    @staticmethod
    def hits(found, target: dict) -> bool:
        return all(any(overlap(box, part["bbox"]) > 0.3 and plain(part["text"]) in text for box, text in found)
                   for part in target["parts"])


class Deface:
    """Faces only."""
    name = "deface 1.5"

    def __init__(self) -> None:
        from deface.centerface import CenterFace
        self.detector = CenterFace(in_shape=None, backend="onnxrt")

    def run(self, files: list[Path], keep) -> None:
        for path in files:
            for number, pixels in enumerate(pages_of(path), 1):
                found, _ = self.detector(pixels[:, :, ::-1].copy(), threshold=0.2)
                keep(path, number, [list(map(float, box[:4])) for box in found])


def zhegai_round(folder: Path, jobs: int, work: Path) -> dict:
    figures = work / "bench.json"
    subprocess.run([str(ZHEGAI), "bench", str(folder), "--jobs", str(jobs), "--json", str(figures), "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return json.loads(figures.read_text(encoding="utf-8"))


def zhegai_report(folder: Path, work: Path) -> dict:
    report = work / "report"
    command = [str(ZHEGAI), "check", str(folder), "--roster", str(folder / "roster.csv"), "-o", str(report), "--force", "--quiet"]
    subprocess.run(command, stdout=subprocess.DEVNULL)
    return {(row["file"], row["page"]): row for row in rows(report / "report.jsonl") if row["type"] == "page"}


def covered(report: dict, row: dict, target: dict) -> bool:
    found = [f["bbox"] for f in report.get((row["file"], row["page"]), {"findings": []})["findings"]
             if f["certain"] and f["bbox"] and f["kind"] in ("name", "unit", "seal")]
    return all(any(overlap(box, part["bbox"]) >= 0.9 for box in found) for part in target["parts"])


def eyes_covered(boxes, face: dict) -> bool:
    return any(overlap(box, face["eyes"]) >= 0.7 for box in boxes)


def summary(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def presidio() -> str:
    if shutil.which("tesseract") is None:
        return "Presidio image redactor: not run, it needs the Tesseract program with its Chinese data, which pip does not install"
    return "Presidio image redactor: not run; its recognizers have none for Chinese names and units, so it would find nothing to redact"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not inside_venv():
        enter_venv()
    folder, truth = options.folder, rows(options.folder / "truth.jsonl")
    files = sorted({folder / row["file"] for row in truth})
    work = VENV / "work"
    work.mkdir(exist_ok=True)
    rapid, deface = RapidOcr(), Deface()
    speeds, ratios, texts, faces, memory = {"zhegai": [], rapid.name: [], deface.name: []}, [], {}, {}, 0
    by_kind: dict[str, dict[str, list[float]]] = {}
    kind_of = {row["file"]: row["kind"] for row in truth}
    for number in range(options.rounds):
        bench = zhegai_round(folder, options.jobs, work)
        ours = bench["throughput"][0]["pages_per_s"]
        memory = max(memory, bench["peak_memory_bytes"] or 0)
        speeds["zhegai"].append(ours)
        for peer, kept in ((rapid, texts), (deface, faces)):
            count, times, started = 0, {}, time.monotonic()
            last = started

            def keep(path, page, found):
                nonlocal count, last
                now = time.monotonic()
                count += 1
                name = path.relative_to(folder).as_posix()
                kept[name, page] = found
                times.setdefault(kind_of[name], []).append(now - last)
                last = now

            peer.run(files, keep)
            speeds[peer.name].append(count / (time.monotonic() - started))
            for kind, seconds in times.items():
                by_kind.setdefault(kind, {}).setdefault(peer.name, []).extend(seconds)
        ratios.append(ours / speeds[rapid.name][-1])
        print(f"round {number + 1}: " + ", ".join(f"{name} {values[-1]:.2f} pages/s" for name, values in speeds.items()), flush=True)
    report = zhegai_report(folder, work)
    targets = [(row, target) for row in truth for target in row["targets"]]
    eyes = [(row, face) for row in truth for face in row["faces"]]
    recall = {}
    for kind in ("name", "unit"):
        of_kind = [(row, target) for row, target in targets if target["kind"] == kind]
        recall[kind] = (len(of_kind), sum(covered(report, *pair) for pair in of_kind),
                        sum(rapid.hits(texts.get((row["file"], row["page"]), []), target) for row, target in of_kind))
    eye_boxes = {key: [f["bbox"] for f in row["findings"] if f["kind"] == "eyes" and f["bbox"]] for key, row in report.items()}
    faces_found = (len(eyes), sum(eyes_covered(eye_boxes.get((row["file"], row["page"]), []), face) for row, face in eyes),
                   sum(eyes_covered(faces.get((row["file"], row["page"]), []), face) for row, face in eyes))
    print(f"\n{len(files)} files, {options.rounds} rounds, {options.jobs} jobs (peers use all cores in each page)")
    print(f"pages/s, median (slowest–fastest): zhegai {summary(speeds['zhegai'])} · {rapid.name} {summary(speeds[rapid.name])}"
          f" · {deface.name}, faces only {summary(speeds[deface.name])}")
    print(f"zhegai : RapidOCR, median of rounds (least–most): {summary(ratios)}")
    print("\nRapidOCR by kind of page, ms a page, median: " + ", ".join(
        f"{kind} {1000 * statistics.median(times[rapid.name]):.0f}" for kind, times in sorted(by_kind.items())))
    for kind, (count, ours, theirs) in recall.items():
        print(f"{kind}s: {count}; zhegai {ours} ({100 * ours / max(1, count):.1f} %), RapidOCR exact {theirs} ({100 * theirs / max(1, count):.1f} %)")
    print(f"eyes: {faces_found[0]}; zhegai {faces_found[1]}, deface {faces_found[2]}")
    print(f"zhegai's peak memory: {memory / 1e6:.0f} MB")
    print(presidio())
    if options.json:
        options.json.write_text(json.dumps({"speeds": speeds, "ratios": ratios, "recall": recall, "eyes": faces_found, "peak_memory_bytes": memory,
                                            "files": len(files)}, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
