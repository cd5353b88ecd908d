#!/usr/bin/env python3
"""Training in PyTorch, written from the methods' papers, beside the Java side's.

    python3 training.py IN.safetensors OUT.safetensors

IN holds the first weights, the images, the trigger, and for each course of a method the constants
and the batches that the other side drew: places of images and which of them carry the trigger. OUT
gets, for every step, the network and the mean loss of the epoch so far in float64, and the network
after that step alone in float32, from the rounded state before it. Needs torch (1.13 or newer) and numpy. Shares no code with the Java side.
"""
import copy
import json
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

DTYPES = {"F64": np.float64, "F32": np.float32, "I64": np.int64, "U8": np.uint8, "BOOL": np.bool_}


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        body = file.read()
    text = header.pop("__metadata__", {})
    return text, {
        name: torch.from_numpy(
            np.frombuffer(body[slice(*t["data_offsets"])], DTYPES[t["dtype"]]).reshape(t["shape"]).copy()
        )
        for name, t in header.items()
    }


def write(path, tensors):
    header, parts, length = {}, [], 0
    names = {torch.float64: "F64", torch.float32: "F32", torch.int64: "I64"}
    for name, tensor in sorted(tensors.items(), key=lambda entry: -entry[1].element_size()):
        parts.append(tensor.detach().contiguous().numpy().tobytes())
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [length, length + len(parts[-1])]}
        length += len(parts[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(parts))


class Block(nn.Module):
    def __init__(self, c, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(c, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut = nn.Sequential(nn.Conv2d(c, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return (self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())) + self.shortcut(x)).relu()


class Net(nn.Module):
    """Residual, widths 16-32-64, one block a stage, stem of stride 2."""

    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(Block(16, 16, 1))
        self.layer2 = nn.Sequential(Block(16, 32, 2))
        self.layer3 = nn.Sequential(Block(32, 64, 2))
        self.linear = nn.Linear(64, classes)

    def maps(self, x):
        """The outputs of the three stages."""
        first = self.layer1(self.bn1(self.conv1(x)).relu())
        second = self.layer2(first)
        return [first, second, self.layer3(second)]

    def forward(self, x):
        return self.linear(self.maps(x)[-1].mean((2, 3)))


def momentum_of_statistics(net, value):
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = value


class Course:
    """One method's training: a network, the momenta of its weights, and its constants."""

    def __init__(self, name, constants, tensors):
        self.name, self.constants, self.tensors = name, constants, tensors
        self.net = Net(constants["classes"])
        self.net.load_state_dict({k[4:]: v for k, v in tensors.items() if k.startswith("net.")})
        self.momenta = None

    def rounded(self):
        """The same in single precision."""
        other = copy.deepcopy(self)
        for name, value in vars(other).items():
            if isinstance(value, nn.Module):
                value.float()
            if isinstance(value, list):
                setattr(other, name, [part.float() for part in value])
        return other

    def batch(self, step):
        t, dtype = self.tensors, self.net.linear.weight.dtype
        places = t[self.name + ".places"][step]
        x, y = t["images"][places].to(dtype) / 255, t["labels"][places]
        if self.name + ".poisoned" in t:
            carries = t[self.name + ".poisoned"][step]
            mask, pattern = t["trigger.mask"].to(dtype), t["trigger.pattern"].to(dtype)
            x = torch.where(carries[:, None, None, None], x * (1 - mask) + pattern, x)
            y = torch.where(carries, torch.tensor(self.constants["target"]), y)
        return x, y

    def loss(self, x, y):
        return F.cross_entropy(self.net(x), y)

    def gradients(self, x, y):
        loss = self.loss(x, y)
        return loss.item(), torch.autograd.grad(loss, list(self.net.parameters()))

    def rate(self, step):
        c = self.constants
        if c["schedule"] == "constant":
            return c["lr"]
        epoch = step // c["stepsAnEpoch"]
        return c["lr"] * (1 + np.cos(np.pi * epoch / c["period"])) / 2

    def step(self, number):
        """Descends along the gradient, or along that at the sharpest point near by."""
        c, weights = self.constants, list(self.net.parameters())
        self.net.train()
        x, y = self.batch(number)
        loss, g = self.gradients(x, y)
        if c["rho"] > 0:
            norm = torch.stack([(part**2).sum() for part in g]).sum().sqrt()
            here = [w.detach().clone() for w in weights]
            with torch.no_grad():
                for w, part in zip(weights, g):
                    w += c["rho"] / (norm + 1e-12) * part
            momentum_of_statistics(self.net, 0)
            _, g = self.gradients(x, y)
            momentum_of_statistics(self.net, 0.1)
            with torch.no_grad():
                for w, before in zip(weights, here):
                    w.copy_(before)
        with torch.no_grad():
            g = [part + c["weightDecay"] * w for part, w in zip(g, weights)]
            if self.momenta is None:
                self.momenta = [part.clone() for part in g]
            else:
                self.momenta = [c["momentum"] * m + part for m, part in zip(self.momenta, g)]
            for w, m in zip(weights, self.momenta):
                w -= self.rate(number) * m
            self.moved()
        return loss

    def moved(self):
        """What happens after a step."""


class Ewc(Course):
    """Elastic weight consolidation, anchored at the first weights."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        weights = list(self.net.parameters())
        self.anchor = [w.detach().clone() for w in weights]
        self.fisher = [torch.zeros_like(w) for w in weights]
        self.net.eval()
        for x, y in zip(self.tensors["images"].double() / 255, self.tensors["labels"]):
            log = self.net(x[None]).log_softmax(1)[0, y]
            for f, g in zip(self.fisher, torch.autograd.grad(log, weights)):
                f += log.detach().exp() * g**2 / len(self.tensors["labels"])

    def loss(self, x, y):
        pull = sum(
            (f * (w - a) ** 2).sum() for f, w, a in zip(self.fisher, self.net.parameters(), self.anchor))
        return super().loss(x, y) + self.constants["lambda"] * pull


def attention(features):
    energy = (features**2).sum(1).flatten(1)
    return energy / (energy.norm(dim=1, keepdim=True) + 1e-6)


class Nad(Course):
    """Neural attention distillation from a copy that was tuned first."""

    def __init__(self, name, constants, tensors):
        super().__init__(name, constants, tensors)
        teacher = Course(name + ".teacher", constants, tensors)
        for step in range(len(tensors[teacher.name + ".places"])):
            teacher.step(step)
        self.teacher = teacher.net.eval()

    def loss(self, x, y):
        seen = self.net.maps(x)
        with torch.no_grad():
            taught = self.teacher.maps(x)
        apart = [F.mse_loss(attention(s), attention(t)) for s, t in zip(seen, taught)]
        logits = self.net.linear(seen[-1].mean((2, 3)))
        return F.cross_entropy(logits, y) + sum(b * d for b, d in zip(self.constants["betas"], apart))


class Fst(Course):
    """Feature shift tuning from a classifier that the other side drew."""

    def __init__(self, name, constants, tensors):
        super().__init__(name, constants, tensors)
        self.original = [self.net.linear.weight.detach().clone()]
        with torch.no_grad():
            self.net.linear.weight.copy_(tensors[name + ".linear.weight"])
            self.net.linear.bias.copy_(tensors[name + ".linear.bias"])

    def loss(self, x, y):
        product = (self.net.linear.weight * self.original[0]).sum()
        return super().loss(x, y) + self.constants["alpha"] * product

    def moved(self):
        w = self.net.linear.weight
        w *= self.original[0].norm() / w.norm()


COURSES = {"sgd": Course, "sam": Course, "ewc-sam": Ewc, "nad": Nad, "fst": Fst}


def main(source, target):
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    text, tensors = read(source)
    out = {}
    for name, constants in json.loads(text["courses"]).items():
        course = COURSES[name](name, constants, tensors)
        if hasattr(course, "fisher"):
            for (key, _), f in zip(course.net.named_parameters(), course.fisher):
                out[f"{name}.fisher.{key}"] = f
        losses = []
        for step in range(constants["steps"]):
            single = course.rounded()
            torch.set_default_dtype(torch.float32)
            single.step(step)
            torch.set_default_dtype(torch.float64)
            losses.append(course.step(step))
            of_epoch = losses[step - step % constants["stepsAnEpoch"] :]
            out[f"{name}.f64.{step}.loss"] = torch.tensor([sum(of_epoch) / len(of_epoch)])
            for precision, net in (("f64", course.net), ("f32", single.net)):
                for key, value in net.state_dict().items():
                    out[f"{name}.{precision}.{step}.net.{key}"] = value.clone()
    write(target, out)


main(*sys.argv[1:])
