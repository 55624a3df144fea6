import sys, time, warnings
import numpy as np
from more_mistakes import MISTAKES
from zoo_problems import caller
from mccli.numeric.gradcheck import Problem, check
from mccli.numeric.diagnose import diagnose


def problem(m):
    args = {k: np.asarray(v) for k, v in m.arguments().items()}
    name = next(iter(args))
    g = caller(m.grad, {})
    gu = lambda a, **k: m.grad(**a, **k)
    claim = (
        {"vjp": lambda a, u: {name: gu(a, u=u)}}
        if m.kind == "vjp"
        else {"jvp": lambda a, v: gu(a, v=v[name])}
        if m.kind == "jvp"
        else {m.kind: lambda a: {name: g(a)}}
    )
    return Problem(caller(m.f, {}), args, names=(name,), **claim)


if __name__ == "__main__":
    ok = 0
    for m in MISTAKES:
        if len(sys.argv) > 1 and m.id not in sys.argv[1:]:
            continue
        p = problem(m)
        r = check(p)
        t = time.time()
        ds = diagnose(p, r)
        t = time.time() - t
        good = bool(ds) and ds[0].label in m.labels
        det = good and m.says in ds[0].sentence
        ok += good
        print("ok " if det else "DET" if good else "NO ", m.id, m.labels, r.verdict, f"{t:.2f}")
        if not det or len(sys.argv) > 1:
            for d in ds:
                print(f"     {d.rank:.1f} [{d.label}] {d.sentence}\n            {d.evidence}")
    print(ok, len(MISTAKES))
