"""Opens a run that `palimpsest export` wrote, with numpy and safetensors alone.

    python read_bundle.py sbl-backdoor.zip

Checks every file's digest, prints the tables and what each network holds, and evaluates every
network of the run on the run's own test images: the accuracy must be the one that was recorded.
"""

import argparse
import hashlib
import json
import sys
import zipfile

import numpy as np
from safetensors.numpy import load


class Bundle:
    """The files of an archive by name, every digest checked."""

    def __init__(self, path):
        try:
            with zipfile.ZipFile(path) as archive:
                files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        except zipfile.BadZipFile as e:
            sys.exit(f"{path} is damaged ({e}); fetch the archive again.")
        root = next(iter(files)).split("/")[0] + "/"
        self.files = {name.removeprefix(root): data for name, data in files.items()}
        sums = self.files["SHA256SUMS"].decode().splitlines()
        named = {line[66:]: line[:64] for line in sums}
        if set(named) != set(self.files) - {"SHA256SUMS"}:
            sys.exit(f"{path}: SHA256SUMS does not name the files that are there.")
        for name, digest in named.items():
            if hashlib.sha256(self.files[name]).hexdigest() != digest:
                sys.exit(f"{path}: {name} is damaged; fetch the archive again.")
        self.manifest = self.json("manifest.json")
        self.paths = {a["artifact"]["sha256"]: a["path"] for a in self.manifest["artifacts"]}

    def json(self, name):
        return json.loads(self.files[name])

    def named(self, folder, ending=""):
        return sorted(n for n in self.files if n.startswith(folder) and n.endswith(ending))

    def tensors(self, name):
        """The tensors by name, and the metadata."""
        data = self.files[name]
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        return load(data), header.get("__metadata__", {})


def convolution(x, weight, stride, padding):
    """x [n, c, h, w] with weight [out, c, k, k]."""
    k = weight.shape[-1]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return np.tensordot(windows, weight, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


def norm(x, state, name):
    """Batch normalisation with the running statistics."""
    scale = state[name + ".weight"] / np.sqrt(state[name + ".running_var"] + 1e-5)
    shift = state[name + ".bias"] - state[name + ".running_mean"] * scale
    return x * scale[:, None, None] + shift[:, None, None]


def resnet_small(state, x):
    """The logits [n, classes] of images [n, c, h, w] in [0, 1]."""
    x = np.maximum(norm(convolution(x, state["conv1.weight"], 2, 1), state, "bn1"), 0)
    for stage in (1, 2, 3):
        name, stride = f"layer{stage}.0", 1 if stage == 1 else 2
        y = convolution(x, state[name + ".conv1.weight"], stride, 1)
        y = np.maximum(norm(y, state, name + ".bn1"), 0)
        y = norm(convolution(y, state[name + ".conv2.weight"], 1, 1), state, name + ".bn2")
        if name + ".shortcut.0.weight" in state:
            x = convolution(x, state[name + ".shortcut.0.weight"], stride, 0)
            x = norm(x, state, name + ".shortcut.1")
        x = np.maximum(x + y, 0)
    return x.mean(axis=(2, 3)) @ state["linear.weight"].T + state["linear.bias"]


def accuracy(state, network, data):
    """The share of the images that are taken for their own class."""
    images = data["images"].astype(np.float32) / 255
    if network["mean"]:
        mean, std = (np.float32(network[name])[:, None, None] for name in ("mean", "std"))
        images = (images - mean) / std
    taken = np.concatenate(
        [resnet_small(state, images[i : i + 250]).argmax(axis=1) for i in range(0, len(images), 250)]
    )
    return float((taken == data["labels"]).mean())


def evaluations(bundle):
    """Task, checkpoint, test set and result of every network that the run measured."""
    for name in bundle.named("stages/"):
        stage = bundle.json(name)
        if stage["stage"] == "evaluate":
            record = bundle.json(f"records/{stage['key']}-{stage['generation']}.json")
            inputs, result = record["identity"]["inputs"], record["outputs"]["result"]["sha256"]
            digests = (inputs["checkpoint"], inputs["test"], result)
            if all(digest in bundle.paths for digest in digests):
                yield stage["task"], *(bundle.paths[digest] for digest in digests)


def main():
    parser = argparse.ArgumentParser(description="Opens a run that 'palimpsest export' wrote.")
    parser.add_argument("archive")
    bundle = Bundle(parser.parse_args().archive)
    print(f"Run {bundle.manifest['run']} of {bundle.manifest['study']}")
    print(f"{len(bundle.files)} files, every digest as it should be")
    if bundle.manifest["taint"]:
        print("It stems from poisoned data: " + "; ".join(bundle.manifest["taint"]))
    for name in bundle.named("tables/", ".md"):
        print(f"\n{name}\n\n{bundle.files[name].decode()}")

    for name in bundle.named("checkpoints/")[:1]:
        state, metadata = bundle.tensors(name)
        print(f"{name}: {sum(t.size for t in state.values()):,} numbers")
        for key in ("network", "classes", "image", "taint"):
            print(f"  {key}: {metadata.get(key, 'none')}")
        for tensor, values in sorted(state.items()):
            print(f"  {tensor:39} {values.dtype!s:8} {list(values.shape)}")

    print("\nAccuracy on the test images, computed here by numpy, and as recorded:")
    compared = wrong = 0
    for task, checkpoint, test, result in evaluations(bundle):
        state, metadata = bundle.tensors(checkpoint)
        network = json.loads(metadata["network"])
        if network["method"] != "resnet-small":
            print(f"  {task:24} is a {network['method']}, which this script does not know")
            continue
        data, _ = bundle.tensors(test)
        here = accuracy(state, network, data)
        recorded = bundle.json(result)["measures"]["cleanAccuracy"]
        # Sums in another order may turn an image between two equal logits: allow one in 500.
        fits = abs(here - recorded) <= 0.002
        compared, wrong = compared + 1, wrong + (not fits)
        print(f"  {task:24} {here:.4f}  {recorded:.4f}  {'' if fits else 'DIFFERS'}")
    if wrong or not compared:
        sys.exit(f"{wrong} of {compared} networks differ." if compared else "No network is here.")


if __name__ == "__main__":
    main()
