"""Losses against a teacher."""

import numpy as np
import torch

from agent.slm.prompt import Prompt
from models.batches import collate
from models.data.examples import Example, Target
from models.finetune import Taught
from models.losses import soft_labels, soft_loss
from models.reader import Logits, Reader
from models.soften import KEPT, softened


def logits(seed):
    """Scores of two candidates, a reading and none; quantities beyond the kept ones are as good as impossible."""
    generator = torch.Generator().manual_seed(seed)
    role = torch.tensor([[6.0, 0, 0, 0], [0, 0, 0, 6.0]]) + torch.randn(2, 4, generator=generator)
    quantity, unit = torch.full((2, 162), -60.0), torch.full((2, 393), -60.0)
    quantity[:, :KEPT], unit[:, :KEPT] = torch.randn(2, KEPT, generator=generator), torch.randn(2, KEPT, generator=generator)
    return Logits(role, quantity, unit, torch.randn(2, generator=generator))


def test_nobody_is_closer_to_a_teacher_than_the_teacher():
    """Soft labels go through disk form and collation; the loss is least for the scores that they were made of."""
    example = Example(Prompt((1, 2, 3), (0, 1), ((0, 1, 1), (1, 2, 2))), (Target(0, (1,), (1,)), Target(3)))
    teacher = logits(1)
    (seen,) = softened([example], teacher)
    batch = collate([seen], 162, 393)
    own = soft_loss(teacher, batch.soft)
    assert all(soft_loss(logits(seed), batch.soft) > own for seed in range(2, 12))
    assert np.allclose(seen.soft.quantity.astype(float).sum(-1), 1, atol=2e-3)


def test_a_teacher_beside_the_student_says_what_its_kept_labels_say():
    """The labels of a batch are those that go through disk, but for their half precision."""
    example = Example(Prompt((1, 2, 3), (0, 1), ((0, 1, 1), (1, 2, 2))), (Target(0, (1,), (1,)), Target(3)))
    teacher = logits(1)
    kept = collate(list(softened([example], teacher)), 162, 393).soft
    live = soft_labels(teacher)
    for name in ("role", "quantity", "unit", "inverted"):
        assert torch.allclose(getattr(kept, name), getattr(live, name), atol=1e-3), name


def test_a_teacher_beside_the_student_counts():
    """The soft loss is least where the student says what its teacher says, here itself; the labels' losses are the same."""
    sizes = {"vocabulary": 16, "groups": (1,), "ffn": (32,), "hidden": 64, "heads_per_group": 1, "quantities": 162, "units": 391}
    torch.manual_seed(3)
    student, other = Reader.of(sizes).eval(), Reader.of(sizes).eval()
    batch = collate([Example(Prompt((1, 2, 3), (0, 1), ((0, 1, 1, 0), (1, 2, 2, 0))), (Target(0, (1,), (1,)), Target(3)))], 162, 393)
    total, own = Taught(student, compiled=False)(student, batch)
    more, stranger = Taught(other, compiled=False)(student, batch)
    assert own["soft"] < stranger["soft"]
    assert total < more
    assert torch.equal(own["role"], stranger["role"])


def test_a_batch_that_the_teacher_saw_in_part_has_no_soft_labels():
    """One example without them: the labels alone count."""
    example = Example(Prompt((1, 2, 3), (0, 1), ((0, 1, 1), (1, 2, 2))), (Target(0, (1,), (1,)), Target(3)))
    (seen,) = softened([example], logits(1))
    assert collate([seen, example], 162, 393).soft is None
