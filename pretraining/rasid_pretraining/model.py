"""The encoder's architecture: a BertModel written so that its parameters carry the standard names.

`state_dict()` of `Bert` is what Hugging Face's `BertModel(add_pooling_layer=False)` loads, key for key.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from .settings import LAYER_NORM_EPSILON, Architecture


class Embeddings(nn.Module):
    def __init__(self, a: Architecture):
        super().__init__()
        self.word_embeddings = nn.Embedding(a.vocab_size, a.hidden_size, padding_idx=0)
        self.position_embeddings = nn.Embedding(a.max_position_embeddings, a.hidden_size)
        self.token_type_embeddings = nn.Embedding(2, a.hidden_size)
        self.LayerNorm = nn.LayerNorm(a.hidden_size, eps=LAYER_NORM_EPSILON)

    def forward(self, ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        x = self.word_embeddings(ids) + self.position_embeddings(positions)
        return self.LayerNorm(x + self.token_type_embeddings.weight[0])


class SelfAttention(nn.Module):
    def __init__(self, a: Architecture):
        super().__init__()
        self.query = nn.Linear(a.hidden_size, a.hidden_size)
        self.key = nn.Linear(a.hidden_size, a.hidden_size)
        self.value = nn.Linear(a.hidden_size, a.hidden_size)
        self.heads = a.num_attention_heads

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        split = lambda y: y.view(batch, length, self.heads, -1).transpose(1, 2)  # noqa: E731
        # Written out: on CPUs the fused kernel's backward pass was four times slower than these three products.
        scores = split(self.query(x)) @ split(self.key(x)).transpose(2, 3) / (width // self.heads) ** 0.5
        y = torch.softmax(scores + mask, -1).to(x.dtype) @ split(self.value(x))
        return y.transpose(1, 2).reshape(batch, length, width)


class DenseAddNorm(nn.Module):
    """A projection, dropout, the residual sum and LayerNorm: the closing half of both BERT sub-layers."""

    def __init__(self, inner: int, a: Architecture):
        super().__init__()
        self.dense = nn.Linear(inner, a.hidden_size)
        self.LayerNorm = nn.LayerNorm(a.hidden_size, eps=LAYER_NORM_EPSILON)
        self.dropout = a.dropout

    def forward(self, x: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
        x = self.dense(x)
        if self.dropout and self.training:
            x = F.dropout(x, self.dropout)
        return self.LayerNorm(x + residual)


class Layer(nn.Module):
    def __init__(self, a: Architecture):
        super().__init__()
        self.attention = nn.ModuleDict({"self": SelfAttention(a), "output": DenseAddNorm(a.hidden_size, a)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(a.hidden_size, a.intermediate_size)})
        self.output = DenseAddNorm(a.intermediate_size, a)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = self.attention["output"](self.attention["self"](x, mask), x)
        return self.output(F.relu(self.intermediate["dense"](x)), x)


def sinusoids(positions: int, width: int, amplitude: float = 0.04) -> torch.Tensor:
    """Sine and cosine waves (Vaswani et al. 2017) at the scale of the word vectors: [positions, width].

    Learned on from here. Random position vectors would have to discover what "the next word" is at every offset anew.
    """
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angles = torch.arange(positions).unsqueeze(1) * rates
    return amplitude * torch.stack([angles.sin(), angles.cos()], -1).reshape(positions, width)


def attention_bias(mask: torch.Tensor) -> torch.Tensor:
    """What is added to attention scores so that padding is not looked at: [batch, 1, 1, length]."""
    return torch.zeros(mask.shape, device=mask.device).masked_fill(~mask, -1e4)[:, None, None, :]


class Bert(nn.Module):
    def __init__(self, a: Architecture):
        super().__init__()
        self.embeddings = Embeddings(a)
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer(a) for _ in range(a.num_hidden_layers))})
        for p in self.parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02)
        with torch.no_grad():
            self.embeddings.position_embeddings.weight.copy_(sinusoids(a.max_position_embeddings, a.hidden_size))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, offset: int = 0) -> torch.Tensor:
        """ids and mask: [batch, length] (mask true where a token stands); returns hidden states [batch, length, hidden]."""
        positions = torch.arange(offset, offset + ids.shape[1], device=ids.device)
        x = self.embeddings(ids, positions)
        attend = attention_bias(mask)
        if torch.is_autocast_enabled(ids.device.type):
            x, attend = x.bfloat16(), attend.bfloat16()
        for layer in self.encoder["layer"]:
            x = layer(x, attend)
        return x


def mean_pool(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of the hidden states over real tokens, scaled to unit length: [batch, hidden]."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    summed = (hidden * weights).sum(1)
    return F.normalize(summed.float() / weights.sum(1).clamp(min=1).float(), dim=-1)
