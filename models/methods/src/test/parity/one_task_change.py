#!/usr/bin/env python3
"""One task change of retrospective feature estimation in PyTorch, written from its description.

Learns task 3 of 3 on a tiny convolutional network in float64: 20 steps of the increment, then 20
of the modules, each step on all images, so that no order of samples matters. Writes what went in
and what came out as JSON: src/test/resources/parity/one_task_change.json is the output of

    python3 one_task_change.py >one_task_change.json

Needs torch (run with 1.13) and numpy. Shares no code with the Java side.
"""
import copy
import json

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

D, D_AUX, P, STEPS, SIDE = 6, 8, 4, 20, 20
LAMBDA, SGD_LR, ADAM_LR = 1.5, 0.05, 0.03
TASKS = {1: (0, 2), 2: (2, 4), 3: (4, 6)}

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
rng = np.random.default_rng(17)


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 4, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, D, 3, 2, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(D)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(x))).mean((2, 3))


class Auxiliary(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, D_AUX // 2, 3, 2, 1)
        self.conv2 = nn.Conv2d(D_AUX // 2, D_AUX, 3, 2, 1)

    def forward(self, x):
        x = F.adaptive_avg_pool2d(x, 16)
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1)


class Retrospector(nn.Module):
    def __init__(self):
        super().__init__()
        self.aux_project = nn.Linear(D_AUX, P)
        self.main_project = nn.Linear(D, P)
        self.aux_scale = nn.Linear(D_AUX, D)
        self.aux_score = nn.Linear(P, D)
        self.main_score = nn.Linear(P, D)

    def forward(self, f, a):
        s = self.aux_project(a) * self.main_project(f)
        return F.relu(self.aux_score(s).sigmoid() * self.aux_scale(a) + self.main_score(s).sigmoid() * f)


def images(n):
    """Bytes with some structure, so that features differ from image to image."""
    plain = rng.integers(0, 256, (n, 2, 5, 5)).repeat(4, 2).repeat(4, 3)
    return (plain * 3 // 4 + rng.integers(0, 64, (n, 2, SIDE, SIDE))).astype(int)


def rounded(module):
    with torch.no_grad():
        for p in module.parameters():
            p.copy_((p * 1e4).round() / 1e4)
    return module


def array(x):
    x = np.asarray(x.detach() if torch.is_tensor(x) else x)
    return {"shape": list(x.shape), "data": x.reshape(-1).tolist()}


def state(**modules):
    """State dicts under prefixes, without batch counters."""
    return {
        prefix.replace("__", ".") + "." + name: array(value)
        for prefix, module in modules.items()
        for name, value in module.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def whole(backbone, heads):
    """The network as one state dict, its heads as one linear layer."""
    flat = {name: value for name, value in state(x=backbone).items()}
    flat = {name[2:]: value for name, value in flat.items()}
    flat["linear.weight"] = array(torch.cat([heads[t].weight for t in TASKS]))
    flat["linear.bias"] = array(torch.cat([heads[t].bias for t in TASKS]))
    return flat


def increment(variant, backbone, heads, x, y, buffer):
    """Phase 1; returns the loss of each step and the former extractor as phase 2 takes it."""
    former = copy.deepcopy(backbone).requires_grad_(False)
    former.train(variant == "drift")
    for t in (1, 2):
        heads[t].requires_grad_(False)
    trained = list(backbone.parameters()) + list(heads[3].parameters())
    optimiser = torch.optim.SGD(trained, SGD_LR, momentum=0.9, weight_decay=5e-4)
    losses = []
    backbone.train()
    for _ in range(STEPS):
        f = backbone(x)
        logits = torch.cat([heads[t](f) for t in TASKS], 1)
        loss = F.cross_entropy(logits[:, 4:], y - 4) + LAMBDA * F.mse_loss(f, former(x))
        if variant == "rfe-b":
            loss = loss + LAMBDA * F.mse_loss(backbone(buffer["x"]), buffer["features"])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses, former.eval()


def chain_loss(aux, retro, f, buffer):
    """Each stored feature against the output of the retrospector of its task."""
    g, total = f, 0
    for k in (2, 1):
        g = retro[k](g, aux[k](buffer["x"]).detach())
        of_task = buffer["tasks"] == k
        total = total + (g - buffer["features"])[of_task].square().sum()
    return total / f.numel()


def consolidate(variant, backbone, former, aux, retro, adapter, x, held_out, buffer):
    """Phase 2; returns the two losses of each step, the validation losses and the rates."""
    backbone.eval()
    modules = [*aux.values(), *retro.values(), adapter]
    optimiser = torch.optim.Adam([p for m in modules for p in m.parameters()], ADAM_LR)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, patience=3, factor=0.1)

    def losses(x):
        with torch.no_grad():
            now, before, old = backbone(x), former(x), aux[2](x)
        return F.mse_loss(adapter(aux[3](x)), now), F.mse_loss(retro[2](now, old), before)

    course = {"auxiliary": [], "rectifier": [], "validation": [], "rate": []}
    for _ in range(STEPS):
        course["rate"].append(optimiser.param_groups[0]["lr"])
        of_aux, of_retro = losses(x)
        if variant == "rfe-b":
            with torch.no_grad():
                now = backbone(buffer["x"])
            of_retro = of_retro + chain_loss(aux, retro, now, buffer)
        optimiser.zero_grad(set_to_none=True)
        (of_aux + of_retro).backward()
        optimiser.step()
        with torch.no_grad():
            validation = sum(losses(held_out)).item()
        plateau.step(validation)
        course["auxiliary"].append(of_aux.item())
        course["rectifier"].append(of_retro.item())
        course["validation"].append(validation)
    return course


def read(backbone, heads, aux, retro, x):
    """The logarithm of each task's own probabilities, each in its own space."""
    with torch.no_grad():
        g, columns = backbone(x), {}
        for k in (3, 2, 1):
            if k < 3:
                g = retro[k](g, aux[k](x))
            columns[k] = heads[k](g).log_softmax(1)
        return torch.cat([columns[k] for k in (1, 2, 3)], 1)


backbone = rounded(Backbone())
for bn in (backbone.bn1, backbone.bn2):
    bn.running_mean.copy_(torch.tensor(rng.normal(0, 0.1, bn.running_mean.shape)).mul(1e4).round() / 1e4)
    bn.running_var.copy_(torch.tensor(rng.uniform(0.2, 0.6, bn.running_var.shape)).mul(1e4).round() / 1e4)
heads = {t: rounded(nn.Linear(D, 2)) for t in TASKS}
aux = {k: rounded(Auxiliary()) for k in TASKS}
retro = {k: rounded(Retrospector()) for k in (1, 2)}
adapter = rounded(nn.Linear(D_AUX, D))
raw = {"train": images(9), "validation": images(4), "buffer": images(6)}
labels = torch.tensor([4, 5, 4, 4, 5, 5, 4, 5, 5])
stored = np.abs(rng.normal(0, 512, (6, D))).round() / 1024  # exact in single precision, as buffers are
tasks = [1, 2, 2, 1, 1, 2]


def floats(name):
    return torch.tensor(raw[name] / 255.0)


def run(variant):
    net, hs, a, r, ad = (copy.deepcopy(m) for m in (backbone, heads, aux, retro, adapter))
    buffer = {"x": floats("buffer"), "features": torch.tensor(stored), "tasks": torch.tensor(tasks)}
    losses, former = increment(variant, net, hs, floats("train"), labels, buffer)
    after = whole(net, hs)
    course = consolidate(variant, net, former, a, r, ad, floats("train"), floats("validation"), buffer)
    modules = state(aux__3=a[3], rectifier__1=r[1], rectifier__2=r[2])
    scores = read(net, hs, a, r, floats("validation"))
    return {"losses": losses, "network": after, "course": course, "modules": modules, "scores": array(scores)}


print(json.dumps({
    "source": "one_task_change.py, torch " + torch.__version__,
    "parameters": {"lambda": LAMBDA, "sgdRate": SGD_LR, "momentum": 0.9, "weightDecay": 5e-4,
                   "adamRate": ADAM_LR, "steps": STEPS, "dAux": D_AUX, "dProject": P},
    "inputs": {
        "images": {name: array(x) for name, x in raw.items()},
        "labels": labels.tolist(),
        "network": whole(backbone, heads),
        "modules": state(aux__1=aux[1], aux__2=aux[2], aux__3=aux[3], rectifier__1=retro[1],
                         rectifier__2=retro[2], adapter=adapter),
        "storedFeatures": array(stored),
        "storedTasks": tasks,
    },
    "expected": {variant: run(variant) for variant in ("rfe", "rfe-b", "drift")},
}))
