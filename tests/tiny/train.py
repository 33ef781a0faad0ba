"""Trains the tiny gpt-oss until it knows its conversations by heart; runs in the oracle's
environment, on a GPU if there is one.

python tests/tiny/train.py LESSONS.npz tests/tiny/weights.safetensors [FURTHER_STEPS]

it takes five minutes on an H100 and hours on two CPU cores. FURTHER_STEPS go on from what is
stored, gently: new words in few conversations are learned in minutes on a CPU too.

The network is OpenAI's (gpt_oss/torch/model.py) at a small width. Experts are trained in MXFP4 by
a straight-through quantiser, so that what is stored is what was trained; noise on all weights and
activations, of the size of the converter's int4 and int8 errors, leaves room for those.
"""

import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

VOCABULARY = 201_088
LAYERS, HIDDEN, INNER, EXPERTS, TOP = 4, 128, 128, 8, 4
HEADS, KV_HEADS, HEAD_SIZE, WINDOW = 4, 2, 64, 128
STEPS, BATCH, RATE = 7000, 24, 2e-3
FURTHER_BATCH, FURTHER_RATE = 12, 3e-4
EXPERT_NOISE, DENSE_NOISE, ACTIVATION_NOISE = 0.10, 0.05, 0.02
E2M1 = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])
MIDDLES = (E2M1[1:] + E2M1[:-1]) / 2


def main(lessons: Path, out: Path, further_steps: int = 0) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(2)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    data = dict(np.load(lessons))
    model = TinyGptOss(len(data["known"])).to(device)
    if further_steps:
        model.recall(load_file(out, device), data["known"])
        learn(model, Lessons(data, device, FURTHER_BATCH), further_steps, FURTHER_RATE)
    else:
        learn(model, Lessons(data, device, BATCH), STEPS, RATE)
    model.round_to_bfloat16()
    report = examine(model, Lessons(data, device, BATCH))
    print(json.dumps(report), flush=True)
    save_file(model.stored(data["known"]), out)


def learn(model: "TinyGptOss", lessons: "Lessons", steps: int, highest: float) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=highest, betas=(0.9, 0.98), weight_decay=0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, steps))
    model.is_noisy, started = True, time.monotonic()
    for step in range(steps):
        ids, learned = lessons.batch()
        loss = model.loss(ids, learned)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 49:
            seconds = time.monotonic() - started
            print(f"{step + 1} {loss.item():.5f} {seconds:.0f} s", file=sys.stderr, flush=True)
    model.is_noisy = False


def rate(step: int, steps: int) -> float:
    """Warm up, stay, then fall in a straight line to a fiftieth."""
    return min(1.0, (step + 1) / 100, max(0.02, 2 * (1 - step / steps)))


class Lessons:
    """Batches of lessons of about equal length, each seen in another order every round."""

    def __init__(self, data: dict[str, np.ndarray], device: str, size: int) -> None:
        ends = np.cumsum(data["lengths"])
        starts = ends - data["lengths"]
        spans = list(zip(starts, ends, strict=True))
        self._ids = [torch.tensor(data["ids"][a:b].astype(np.int64)) for a, b in spans]
        self._learned = [torch.tensor(data["learned"][a:b]) for a, b in spans]
        self._device = device
        self._size = size
        self._random = np.random.default_rng(0)
        self._round: list[np.ndarray] = []
        self.plain = [
            (ids.to(device), learned.to(device))
            for ids, learned in zip(self._ids, self._learned, strict=True)
        ][: int(data["plain"])]

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """(ids, learned), both [batch, longest]; short ones are filled up on the right."""
        if not self._round:
            self._round = self._new_round()
        chosen = self._round.pop()
        ids = nn.utils.rnn.pad_sequence([self._ids[n] for n in chosen], batch_first=True)
        learned = nn.utils.rnn.pad_sequence([self._learned[n] for n in chosen], batch_first=True)
        return ids.to(self._device), learned.to(self._device)

    def _new_round(self) -> list[np.ndarray]:
        lengths = np.array([len(ids) for ids in self._ids])
        order = np.argsort(lengths + self._random.uniform(0, 40, len(lengths)))
        batches = np.array_split(order, math.ceil(len(order) / self._size))
        self._random.shuffle(batches)
        return batches


class TinyGptOss(nn.Module):
    """Ids number the known tokens; the last one stands for all the others, whose rows are one."""

    def __init__(self, known: int) -> None:
        super().__init__()
        self.embedding = normal(known + 1, HIDDEN, std=0.5)
        self.layers = nn.ModuleList(Layer(number) for number in range(LAYERS))
        self.norm = nn.Parameter(torch.ones(HIDDEN))
        self.head = normal(known + 1, HIDDEN, std=0.05)
        self.register_buffer("others", torch.zeros(known + 1), persistent=False)
        self.others[-1] = math.log(VOCABULARY - known)
        self.is_noisy = False

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Logits [batch, tokens, known + 1] after each id."""
        noise = DENSE_NOISE if self.is_noisy else 0.0
        hidden = noisy(self.embedding, noise)[ids]
        turn = rotary(ids.shape[1], ids.device)
        for layer in self.layers:
            hidden = layer(hidden, turn, self.is_noisy)
        normed = shaken(normalized(hidden, self.norm), self.is_noisy)
        return normed @ noisy(self.head, noise).T

    def loss(self, ids: torch.Tensor, learned: torch.Tensor) -> torch.Tensor:
        """Mean of -log p of the learned ids; the last number's logit counts for all its tokens."""
        logits = self(ids[:, :-1]) + self.others
        wanted = learned[:, 1:]
        return functional.cross_entropy(logits[wanted], ids[:, 1:][wanted])

    @torch.no_grad()
    def round_to_bfloat16(self) -> None:
        for parameter in self.parameters():
            if parameter.dim() < 3:
                parameter.copy_(parameter.bfloat16().float())

    @torch.no_grad()
    def recall(self, tensors: dict[str, torch.Tensor], known: np.ndarray) -> None:
        """Take over what `stored` gave; a token that is new begins as all the others."""
        row = {token: n for n, token in enumerate(tensors["token_ids"].tolist())}
        rows = [row.get(token, len(row)) for token in [*known.tolist(), -1]]
        self.embedding.copy_(tensors["model.embed_tokens.weight"][rows])
        self.head.copy_(tensors["lm_head.weight"][rows])
        self.norm.copy_(tensors["model.norm.weight"])
        for number, layer in enumerate(self.layers):
            layer.recall(tensors, f"model.layers.{number}.")

    @torch.no_grad()
    def stored(self, known: np.ndarray) -> dict[str, torch.Tensor]:
        """In OpenAI's layout, but for the two tables: their rows are those of `token_ids`, in
        order, and last the one of every other token."""
        tensors = {
            "token_ids": torch.tensor(known),
            "model.embed_tokens.weight": self.embedding,
            "lm_head.weight": self.head,
            "model.norm.weight": self.norm,
        }
        for number, layer in enumerate(self.layers):
            part = layer.stored()
            tensors |= {f"model.layers.{number}.{name}": value for name, value in part.items()}
        return {name: stored(value) for name, value in tensors.items()}


class Layer(nn.Module):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.window = WINDOW if number % 2 == 0 else None
        self.input_layernorm = nn.Parameter(torch.ones(HIDDEN))
        self.q_proj, self.q_bias = linear(HEADS * HEAD_SIZE, HIDDEN)
        self.k_proj, self.k_bias = linear(KV_HEADS * HEAD_SIZE, HIDDEN)
        self.v_proj, self.v_bias = linear(KV_HEADS * HEAD_SIZE, HIDDEN)
        self.o_proj, self.o_bias = linear(HIDDEN, HEADS * HEAD_SIZE)
        self.sinks = nn.Parameter(torch.zeros(HEADS))
        self.post_attention_layernorm = nn.Parameter(torch.ones(HIDDEN))
        self.router, self.router_bias = linear(EXPERTS, HIDDEN)
        self.gate_up = normal(EXPERTS, 2 * INNER, HIDDEN, std=HIDDEN**-0.5)
        self.gate_up_bias = nn.Parameter(torch.zeros(EXPERTS, 2 * INNER))
        self.down = normal(EXPERTS, HIDDEN, INNER, std=INNER**-0.5)
        self.down_bias = nn.Parameter(torch.zeros(EXPERTS, HIDDEN))

    def forward(self, hidden: torch.Tensor, turn: torch.Tensor, is_noisy: bool) -> torch.Tensor:
        normed = shaken(normalized(hidden, self.input_layernorm), is_noisy)
        hidden = hidden + self.attention(normed, turn, is_noisy)
        normed = shaken(normalized(hidden, self.post_attention_layernorm), is_noisy)
        return hidden + self.experts(normed, is_noisy)

    def attention(self, x: torch.Tensor, turn: torch.Tensor, is_noisy: bool) -> torch.Tensor:
        """x [batch, tokens, hidden]; one more logit per head, the sink, takes part in softmax."""
        noise = DENSE_NOISE if is_noisy else 0.0
        batch, tokens, _ = x.shape
        q = functional.linear(x, noisy(self.q_proj, noise), self.q_bias)
        k = functional.linear(x, noisy(self.k_proj, noise), self.k_bias)
        v = functional.linear(x, noisy(self.v_proj, noise), self.v_bias)
        q, k, v = (t.view(batch, tokens, -1, HEAD_SIZE).transpose(1, 2) for t in (q, k, v))
        k, v = (t.repeat_interleave(HEADS // KV_HEADS, 1) for t in (rotated(k, turn), v))
        scores = rotated(q, turn) @ k.transpose(2, 3) * HEAD_SIZE**-0.5
        scores = scores.masked_fill(~visible(tokens, self.window, x.device), -math.inf)
        sinks = self.sinks.view(1, -1, 1, 1).expand(batch, -1, tokens, 1)
        shares = torch.cat([scores, sinks], -1).softmax(-1)[..., :-1]
        mixed = (shares @ v).transpose(1, 2).reshape(batch, tokens, -1)
        return functional.linear(shaken(mixed, is_noisy), noisy(self.o_proj, noise), self.o_bias)

    def experts(self, x: torch.Tensor, is_noisy: bool) -> torch.Tensor:
        """All experts are computed; those that were not chosen count nothing."""
        noise = EXPERT_NOISE if is_noisy else 0.0
        choice = functional.linear(x, self.router, self.router_bias)
        if is_noisy:
            choice = choice + 0.05 * torch.randn_like(choice)
        top, chosen = choice.topk(TOP, -1)
        shares = torch.zeros_like(choice).scatter(-1, chosen, top.softmax(-1))
        both = torch.einsum("bth,eih->btei", x, noisy(in_mxfp4(self.gate_up), noise))
        both = both + self.gate_up_bias
        gate, up = both[..., ::2].clamp(max=7), both[..., 1::2].clamp(-7, 7)
        inner = shaken(gate * torch.sigmoid(1.702 * gate) * (up + 1), is_noisy)
        out = torch.einsum("btei,ehi->bteh", inner, noisy(in_mxfp4(self.down), noise))
        return ((out + self.down_bias) * shares[..., None]).sum(-2)

    def plain(self) -> dict[str, nn.Parameter]:
        """All but the experts' matrices, under the checkpoint's names."""
        attention = {
            f"self_attn.{part}_proj.{kind}": getattr(self, f"{part}_{name}")
            for part in "qkvo"
            for kind, name in (("weight", "proj"), ("bias", "bias"))
        }
        return attention | {
            "input_layernorm.weight": self.input_layernorm,
            "post_attention_layernorm.weight": self.post_attention_layernorm,
            "self_attn.sinks": self.sinks,
            "mlp.router.weight": self.router,
            "mlp.router.bias": self.router_bias,
            "mlp.experts.gate_up_proj_bias": self.gate_up_bias,
            "mlp.experts.down_proj_bias": self.down_bias,
        }

    def stored(self) -> dict[str, torch.Tensor]:
        gate_up = packed("mlp.experts.gate_up_proj", self.gate_up)
        return self.plain() | gate_up | packed("mlp.experts.down_proj", self.down)

    def recall(self, tensors: dict[str, torch.Tensor], prefix: str) -> None:
        for name, parameter in self.plain().items():
            parameter.copy_(tensors[prefix + name])
        for name, parameter in (("gate_up", self.gate_up), ("down", self.down)):
            place = f"{prefix}mlp.experts.{name}_proj"
            parameter.copy_(unpacked(tensors[f"{place}_blocks"], tensors[f"{place}_scales"]))


def normal(*shape: int, std: float) -> nn.Parameter:
    return nn.Parameter(torch.randn(shape) * std)


def linear(rows: int, columns: int) -> tuple[nn.Parameter, nn.Parameter]:
    return normal(rows, columns, std=columns**-0.5), nn.Parameter(torch.zeros(rows))


def normalized(x: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * gain


def noisy(weight: torch.Tensor, noise: float) -> torch.Tensor:
    """Each row shaken by that share of its root mean square."""
    if not noise:
        return weight
    size = weight.detach().square().mean(-1, keepdim=True).sqrt()
    return weight + torch.randn_like(weight) * size * noise


def shaken(x: torch.Tensor, is_noisy: bool) -> torch.Tensor:
    return noisy(x, ACTIVATION_NOISE) if is_noisy else x


def visible(tokens: int, window: int | None, device: torch.device) -> torch.Tensor:
    """[tokens, tokens]: whether a row's token sees a column's; a window counts the token itself."""
    ages = torch.arange(tokens, device=device)[:, None] - torch.arange(tokens, device=device)
    return (ages >= 0) & (ages < (window or tokens))


def rotary(tokens: int, device: torch.device) -> torch.Tensor:
    """[2, tokens, head size / 2]: cosines and sines with YaRN, as gpt_oss/torch/model.py has it."""
    base, factor, context, fast, slow = 150_000.0, 32.0, 4096, 32.0, 1.0
    half = HEAD_SIZE // 2
    frequencies = base ** (torch.arange(half, device=device) / half)
    low, high = (
        half * math.log(context / (turns * 2 * math.pi)) / math.log(base) for turns in (fast, slow)
    )
    ramp = ((torch.arange(half, device=device) - low) / (high - low)).clamp(0, 1)
    inverse = ramp / (factor * frequencies) + (1 - ramp) / frequencies
    angles = torch.arange(tokens, device=device)[:, None] * inverse
    return torch.stack([angles.cos(), angles.sin()]) * (0.1 * math.log(factor) + 1)


def rotated(x: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    first, second = x.chunk(2, -1)
    cosines, sines = turn
    return torch.cat([first * cosines - second * sines, second * cosines + first * sines], -1)


def mxfp4(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(codes 0..15, exponents) of blocks of 32 columns, [..., columns / 32, 32] and [..., 1].

    By the OCP Microscaling formats specification 1.0, 6.3: the scale is the power of two below
    the largest magnitude, divided by 4, and what then exceeds 6 is 6.
    """
    blocks = weight.unflatten(-1, (-1, 32))
    largest = blocks.abs().amax(-1, keepdim=True).clamp(min=2.0**-100)
    exponents = torch.floor(torch.log2(largest)) - 2
    magnitudes = torch.bucketize((blocks / exponents.exp2()).abs(), MIDDLES.to(weight.device))
    return magnitudes + 8 * (blocks < 0), exponents


def values(codes: torch.Tensor, exponents: torch.Tensor) -> torch.Tensor:
    """What the codes of `mxfp4` stand for, [..., columns]."""
    signs = 1.0 - 2.0 * (codes >= 8)
    return (E2M1.to(codes.device)[codes % 8] * signs * exponents.exp2()).flatten(-2)


def in_mxfp4(weight: torch.Tensor) -> torch.Tensor:
    """The value as stored; its gradient goes straight through to the exact one."""
    with torch.no_grad():
        exact = values(*mxfp4(weight))
    return weight + (exact - weight).detach()


def packed(name: str, weight: torch.Tensor) -> dict[str, torch.Tensor]:
    """Two codes a byte, the even column in the low half; exponents with a bias of 127."""
    codes, exponents = mxfp4(weight)
    blocks = codes[..., ::2] | codes[..., 1::2] << 4
    scales = exponents.squeeze(-1) + 127
    return {f"{name}_blocks": blocks.to(torch.uint8), f"{name}_scales": scales.to(torch.uint8)}


def unpacked(blocks: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    codes = torch.stack([blocks & 15, blocks >> 4], -1).flatten(-2)
    return values(codes.long(), scales.float()[..., None] - 127)


def stored(value: torch.Tensor) -> torch.Tensor:
    value = value.detach().cpu().contiguous()
    return value.bfloat16() if value.is_floating_point() else value


@torch.no_grad()
def examine(model: TinyGptOss, lessons: Lessons) -> dict[str, float]:
    """How surely the plain lessons are known: without noise, and the worst of ten with it."""
    calm = [margins(model, *lesson) for lesson in lessons.plain]
    model.is_noisy = True
    shaky = [margins(model, *lesson) for _ in range(10) for lesson in lessons.plain]
    model.is_noisy = False
    return {
        "smallest_margin": min(m.min().item() for m, _ in calm),
        "mean_margin": torch.cat([m for m, _ in calm]).mean().item(),
        "least_chance_of_an_answer": min(p.exp().item() for _, p in calm),
        "smallest_margin_with_noise": min(m.min().item() for m, _ in shaky),
        "wrong_with_noise": sum((m <= 0).sum().item() for m, _ in shaky),
    }


def margins(
    model: TinyGptOss, ids: torch.Tensor, learned: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """(logit of each learned id above the next best, log p of all of them together)."""
    logits = model(ids[None, :-1])[0][learned[1:]]
    wanted = ids[1:][learned[1:], None]
    right = logits.gather(-1, wanted)
    others = logits.scatter(-1, wanted, -math.inf).amax(-1, keepdim=True)
    chances = (logits + model.others).log_softmax(-1).gather(-1, wanted)
    return (right - others).squeeze(-1), chances.sum()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
