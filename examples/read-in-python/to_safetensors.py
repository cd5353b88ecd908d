"""Turns a network saved by PyTorch (.pt, .pth) into a safetensors file for `palimpsest import`.

    pip install torch safetensors
    python to_safetensors.py my-net.pth my-net.safetensors

A .pth file is a pickle, and opening a pickle can run any program that is in it. torch.load with
weights_only=True opens tensors and plain containers and refuses all else; so does this script.
"""

import argparse
import sys

FLOATS = ("torch.float16", "torch.bfloat16", "torch.float64")


def state_dict(loaded):
    """The state dict in what was loaded: by itself, or under the names that trainers use."""
    import torch

    for name in ("state_dict", "model_state_dict", "model", "net"):
        if isinstance(loaded, dict) and isinstance(loaded.get(name), dict):
            loaded = loaded[name]
    tensors = isinstance(loaded, dict) and {
        name: value for name, value in loaded.items() if isinstance(value, torch.Tensor)
    }
    if not tensors:
        sys.exit("No state dict is in there; expected names with tensors.")
    # torch.nn.DataParallel puts this before every name.
    if all(name.startswith("module.") for name in tensors):
        tensors = {name.removeprefix("module."): value for name, value in tensors.items()}
    return {
        name: (value.float() if str(value.dtype) in FLOATS else value).contiguous().clone()
        for name, value in tensors.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help=".pt or .pth")
    parser.add_argument("target", help=".safetensors, to be made")
    parser.add_argument("--taint", help="that it may hold a backdoor, such as 'backdoor: badnets'")
    arguments = parser.parse_args()
    try:
        import torch
        from safetensors.torch import save_file
    except ImportError as e:
        sys.exit(f"{e.name} is missing; pip install torch safetensors")
    try:
        loaded = torch.load(arguments.source, map_location="cpu", weights_only=True)
    except Exception as e:
        # Torch goes on to advise weights_only=False, which runs what is in there.
        why = str(e).split("WeightsUnpickler error:")[-1].strip().splitlines()[0]
        sys.exit(f"{arguments.source} holds more than tensors, or is damaged: {why}")
    metadata = {"taint": arguments.taint} if arguments.taint else {}
    state = state_dict(loaded)
    save_file(state, arguments.target, metadata)
    print(f"{arguments.target}: {len(state)} tensors, {sum(t.numel() for t in state.values()):,} numbers")


if __name__ == "__main__":
    main()
