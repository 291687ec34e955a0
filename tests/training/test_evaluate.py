"""Ranks of true classes and the accuracies that follow from them, by hand."""

import numpy as np
import torch
from torch import nn

from eca_viz.training.evaluate import top1_and_top5, true_class_ranks


def test_a_rank_counts_the_classes_that_score_higher() -> None:
    """The network gives its input: the logits are the pixels."""
    logits = torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.1, 0.4], [0.3, 0.3, 0.4], [0.9, 0.8, 0.7]])
    images, labels = logits[:, :, None, None], torch.tensor([1, 1, 0, 2])
    batches = [(images[:3], labels[:3]), (images[3:], labels[3:])]
    done: list[int] = []
    ranks = true_class_ranks(nn.Flatten(), batches, done.append)
    assert ranks.tolist() == [0, 2, 1, 2]
    assert done == [3, 4]


def test_accuracies_count_the_first_and_the_first_five() -> None:
    assert top1_and_top5(np.array([0, 0, 4, 5, 9])) == (0.4, 0.6)
