"""Times PyTorch beside the Java side, which it starts: see bench/pytorch."""
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "models/methods/src/test/parity"))
import torch
from networks import NETWORKS
from torch.nn import functional as F

IMAGES, BATCH, EVALUATED, CLASSES = 3200, 64, 256, 10
ROUND = 0.7  # seconds, about
HEAD = (
    "| By processor time | {} | {} | | ratio, median (least to most) | the same by the clock |\n"
    "|---|---:|---:|---|---:|---:|"
)


class Torch:
    """What a careful user of PyTorch would write."""

    def __init__(self, network):
        torch.manual_seed(1)
        self.images = torch.randint(256, (IMAGES, 3, 32, 32), dtype=torch.uint8)
        self.labels = torch.randint(CLASSES, (IMAGES,))
        self.net = NETWORKS[network](3)
        self.optimiser = torch.optim.SGD(self.net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
        self.anchor = self.weights().detach().clone()
        self.fisher = torch.rand_like(self.anchor) * 1e-3
        self.norms = [m for m in self.net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
        self.order, self.place = torch.randperm(IMAGES), 0

    def weights(self):
        return torch.cat([p.view(-1) for p in self.net.parameters()])

    def batch(self, size):
        if self.place + size > IMAGES:
            self.order, self.place = torch.randperm(IMAGES), 0
        at = self.order[self.place : self.place + size]
        self.place += size
        return self.images[at].float().div_(255), self.labels[at]

    def plain(self, x, y):
        return F.cross_entropy(self.net(x), y)

    def held(self, x, y):
        return self.plain(x, y) + (self.fisher * (self.weights() - self.anchor) ** 2).sum()

    def descend(self, loss, rho):
        self.net.train()
        x, y = self.batch(BATCH)
        self.optimiser.zero_grad()
        value = loss(x, y)
        value.backward()
        if rho:
            with torch.no_grad():
                parameters = list(self.net.parameters())
                norm = torch.stack([p.grad.norm() for p in parameters]).norm()
                moves = [p.grad * (rho / (norm + 1e-12)) for p in parameters]
                for p, move in zip(parameters, moves):
                    p.add_(move)
            for layer in self.norms:
                layer.momentum = 0
            self.optimiser.zero_grad()
            loss(x, y).backward()
            for layer in self.norms:
                layer.momentum = 0.1
            with torch.no_grad():
                for p, move in zip(parameters, moves):
                    p.sub_(move)
        self.optimiser.step()
        return value.item()

    def sgd(self, steps):
        for _ in range(steps):
            self.descend(self.plain, 0)

    def sam(self, steps):
        for _ in range(steps):
            self.descend(self.plain, 0.05)

    def ewc_sam(self, steps):
        for _ in range(steps):
            self.descend(self.held, 0.05)

    def fisher_by_loop(self, samples):
        """As the reference implementations do it."""
        self.net.eval()
        total = torch.zeros_like(self.anchor)
        for _ in range(samples):
            x, y = self.batch(1)
            self.optimiser.zero_grad()
            log = -F.nll_loss(F.log_softmax(self.net(x), 1), y)
            log.backward()
            total += log.detach().exp() * torch.cat([p.grad.view(-1) for p in self.net.parameters()]) ** 2
        return total

    def fisher_by_vmap(self, samples):
        """With torch.func, 25 samples at once."""
        self.net.eval()
        state = {name: value.detach() for name, value in self.net.state_dict().items()}
        names = [name for name, _ in self.net.named_parameters()]

        def log(parameters, x, y):
            out = torch.func.functional_call(self.net, {**state, **parameters}, (x[None],))
            return F.log_softmax(out, 1)[0].gather(0, y[None])[0]

        each = torch.func.vmap(torch.func.grad_and_value(log), (None, 0, 0))
        parameters = {name: state[name] for name in names}
        total = {name: torch.zeros_like(value) for name, value in parameters.items()}
        for start in range(0, samples, 25):
            gradients, logs = each(parameters, *self.batch(min(25, samples - start)))
            for name, g in gradients.items():
                total[name] += torch.einsum("b,b...->...", logs.exp(), g.square())
        return total

    def evaluate(self, batches):
        self.net.eval()
        with torch.no_grad():
            for _ in range(batches):
                x, _ = self.batch(EVALUATED)
                self.net(x).argmax(1).tolist()

    def seconds(self, row, amount):
        """By the clock, and of the processor."""
        clock, processor = time.perf_counter(), time.process_time()
        getattr(self, row)(amount)
        return time.perf_counter() - clock, time.process_time() - processor


class Java:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seconds(self, row, amount):
        print(row, amount, file=self.process.stdin, flush=True)
        return tuple(float(number) for number in self.process.stdout.readline().split())


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def compare(java, other, what, unit, ours, theirs, rounds, size=1):
    """Both in turns; the first pair warms up."""
    probe = 50 if unit == "samples/s" else 2
    one = min(java.seconds(ours, probe)[1] for _ in range(3)) / probe
    amount = min(IMAGES, max(2, round(ROUND / one)))
    pairs = []
    for turn in range(rounds + 1):
        sides = [(java, ours), (other, theirs)]
        times = {}
        for index in (0, 1) if turn % 2 else (1, 0):
            side, row = sides[index]
            times[index] = side.seconds(row, amount)
        pairs.append((times[0], times[1]))
    pairs = pairs[1:]
    per = [size * amount / statistics.median(pair[i][1] for pair in pairs) for i in (0, 1)]
    clock, processor = (spread([b[kind] / a[kind] for a, b in pairs]) for kind in (0, 1))
    print(f"| {what} | {per[0]:.1f} | {per[1]:.1f} | {unit} | {processor} | {clock} |", flush=True)


def main(network, threads, rounds, *command):
    threads, rounds = int(threads), int(rounds)
    torch.set_num_threads(threads)
    java, other = Java([*command, network, str(threads)]), Torch(network)
    print(f"{network}, batch {BATCH}, {threads} thread(s), torch {torch.__version__}, {rounds} pairs a row")
    print(HEAD.format("Palimpsest", "PyTorch"))
    rows = [
        ("SGD", "steps/s", "sgd", "sgd", 1),
        ("SAM", "steps/s", "sam", "sam", 1),
        ("EWC with SAM", "steps/s", "ewc_sam", "ewc_sam", 1),
        ("Fisher information; PyTorch: sample by sample", "samples/s", "fisher", "fisher_by_loop", 1),
        ("Fisher information; PyTorch: torch.func.vmap", "samples/s", "fisher", "fisher_by_vmap", 1),
        ("evaluation, batches of 256", "images/s", "evaluate", "evaluate", EVALUATED),
    ]
    for what, unit, ours, theirs, size in rows:
        compare(java, other, what, unit, ours, theirs, rounds, size)
    print("\n" + HEAD.format("with", "without"))
    for what, ours in (("augmentation", "sgd_augmented"), ("augmentation and trigger", "sgd_poisoned")):
        compare(java, java, f"SGD with {what}", "steps/s", ours, "sgd", rounds)


main(*sys.argv[1:])
