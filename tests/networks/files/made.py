"""Weight files as people have them: small networks in the layouts that are opened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn


def randomise(model: nn.Module, seed: int = 0) -> nn.Module:
    """Batch-norm statistics and taps as after some training, so that no value grows or vanishes."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(tensor: torch.Tensor, low: float, high: float) -> None:
        tensor.data.uniform_(low, high, generator=generator)

    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            uniform(module.weight, 0.3, 0.6)
            uniform(module.bias, -0.1, 0.1)
            uniform(module.running_mean, -0.1, 0.1)
            uniform(module.running_var, 0.5, 1.5)
        if isinstance(module, nn.Conv1d):
            uniform(module.weight, -1, 1)
    return model.eval()


def save_bare(model: nn.Module, path: Path) -> None:
    """The state_dict alone."""
    torch.save(model.state_dict(), path)


def save_training_checkpoint(model: nn.Module, path: Path, **options: Any) -> None:
    """What the official training script writes: DataParallel's names, and the optimiser."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(parameters, 0.1, momentum=0.9)
    for parameter in parameters[:2]:
        parameter.grad = torch.zeros_like(parameter)
    optimiser.step()
    state = {
        "epoch": 100,
        "arch": "eca_resnet",
        "state_dict": {f"module.{key}": value for key, value in model.state_dict().items()},
        "best_prec1": torch.tensor(77.48),
        "optimizer": optimiser.state_dict(),
    }
    torch.save(state, path, **options)


def save_old_training_checkpoint(model: nn.Module, path: Path) -> None:
    """The same as PyTorch before 1.6 wrote it, like the released checkpoints."""
    save_training_checkpoint(model, path, _use_new_zipfile_serialization=False)


def save_safetensors(model: nn.Module, path: Path) -> None:
    """Tensors without a pickle."""
    save_file(model.state_dict(), path)


Save = Callable[[nn.Module, Path], None]
