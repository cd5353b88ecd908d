#!/usr/bin/env python3
"""The networks in PyTorch, written from their papers under the state-dict names of the common
repositories. Prints, for one and three channels: names and shapes of the state dict in order, how
many parameters, and with weights made by a rule the logits and the stages' outputs.
src/test/resources/parity/networks.json is the output of

    python3 networks.py >networks.json

Needs torch (run with 1.13). Shares no code with the Java side.
"""
import json

import torch
from torch import nn
from torch.nn import functional as F

CLASSES, IMAGES, SIDE = 10, 4, 32

def conv(c, out, kernel, stride):
    return nn.Conv2d(c, out, kernel, stride, kernel // 2, bias=False)


class Block(nn.Module):
    """Two convolutions beside a shortcut: "projected", "padded" or "preactivated"."""

    def __init__(self, kind, c, out, stride):
        super().__init__()
        self.kind, self.stride, self.missing = kind, stride, out - c
        changes = stride > 1 or c != out
        first = c if kind == "preactivated" else out
        parts = [("conv1", conv(c, out, 3, stride)), ("bn1", nn.BatchNorm2d(first)),
                 ("conv2", conv(out, out, 3, 1)), ("bn2", nn.BatchNorm2d(out))]
        if kind == "preactivated":
            parts = [parts[i] for i in (1, 0, 3, 2)]
        for name, part in parts:
            setattr(self, name, part)
        self.shortcut = nn.Sequential()
        if changes and kind == "preactivated":
            self.shortcut = nn.Sequential(conv(c, out, 1, stride))
        if changes and kind == "projected":
            self.shortcut = nn.Sequential(conv(c, out, 1, stride), nn.BatchNorm2d(out))

    def forward(self, x):
        if self.kind == "preactivated":
            a = self.bn1(x).relu()
            beside = self.shortcut(a) if len(self.shortcut) else x
            return self.conv2(self.bn2(self.conv1(a)).relu()) + beside
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        if self.kind == "padded":
            half = self.missing // 2
            beside = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, half))
        else:
            beside = self.shortcut(x)
        return (y + beside).relu()


class ResNet(nn.Module):
    def __init__(self, channels, kind, stem, blocks, widths):
        super().__init__()
        self.conv1 = conv(channels, widths[0], 3, stem)
        self.bn1 = nn.Identity() if kind == "preactivated" else nn.BatchNorm2d(widths[0])
        self.kind, self.maps = kind, []
        c = widths[0]
        for s, width in enumerate(widths):
            stage = []
            for i in range(blocks):
                stage.append(Block(kind, c, width, 2 if s and not i else 1))
                c = width
            self.maps.append(f"layer{s + 1}")
            setattr(self, self.maps[-1], nn.Sequential(*stage))
        self.linear = nn.Linear(c, CLASSES)

    def forward(self, x):
        x = self.conv1(x)
        if self.kind != "preactivated":
            x = self.bn1(x).relu()
        for name in self.maps:
            x = getattr(self, name)(x)
        return self.linear(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Vgg(nn.Module):
    def __init__(self, channels, *stages):
        super().__init__()
        layers, c, self.maps = [], channels, []
        for stage in stages:
            for width in stage:
                layers += [nn.Conv2d(c, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
                c = width
            self.maps.append(f"features.{len(layers) - 1}")
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(c, CLASSES)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


NETWORKS = {
    "resnet-small": lambda c: ResNet(c, "projected", 2, 1, (16, 32, 64)),
    "resnet-18": lambda c: ResNet(c, "projected", 1, 2, (64, 128, 256, 512)),
    "preact-resnet-18": lambda c: ResNet(c, "preactivated", 1, 2, (64, 128, 256, 512)),
    "resnet-20": lambda c: ResNet(c, "padded", 1, 3, (16, 32, 64)),
    "vgg-11-bn": lambda c: Vgg(c, [64], [128], [256] * 2, [512] * 2, [512] * 2),
    "vgg-16-bn": lambda c: Vgg(c, [64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3),
}


def rule(place, shape):
    """Values in [-1/2, 1/2) of the state dict's tensor number ``place``."""
    n = torch.Size(shape).numel()
    return ((torch.arange(n) * 7919 + place * 104729) % 10007 / 10007 - 0.5).reshape(shape)


def fill(state):
    for place, (name, tensor) in enumerate(state.items()):
        if name.endswith("num_batches_tracked"):
            continue
        v = rule(place, tensor.shape)
        if tensor.dim() > 1:
            tensor.copy_(v * (24 / tensor[0].numel()) ** 0.5)
        elif name.endswith("weight") or name.endswith("running_var"):
            tensor.copy_(1 + v)
        else:
            tensor.copy_(v / 4)


def described(net, channels):
    kept = {}
    for name in net.maps:
        keep = lambda module, x, y, name=name: kept.update({name: y.clone()})
        net.get_submodule(name).register_forward_hook(keep)
    x = torch.arange(IMAGES * channels * SIDE * SIDE) * 271 % 65521 % 256 / 255
    x = x.reshape(IMAGES, channels, SIDE, SIDE)
    with torch.no_grad():
        fill(net.state_dict())
        logits = net.eval()(x)
        maps = {name: {"shape": list(o.shape), "mean": o.mean().item()} for name, o in kept.items()}
        return {
            "parameters": sum(p.numel() for p in net.parameters()),
            "state": {name: list(tensor.shape) for name, tensor in net.state_dict().items()},
            "maps": maps,
            "logits": {"shape": list(logits.shape), "data": logits.flatten().tolist()},
            "batchLogits": {"shape": list(logits.shape), "data": net.train()(x).flatten().tolist()},
        }


def main():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    every = [(name, channels) for name in NETWORKS for channels in (1, 3)]
    print(json.dumps({
        "source": "networks.py, torch " + torch.__version__,
        "networks": {f"{name} {c}": described(NETWORKS[name](c), c) for name, c in every},
    }, separators=(",", ":")))


if __name__ == "__main__":
    main()
