"""What a scale is: its items, what its points mean, and the sheets on which it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from magnet.state.utterance import Speaker

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
Shape = Literal["item", "items", "step", "findings"]
JudgeField = Literal["dialogue", "form", "plan", "exchange"]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(_Written):
    """One thing that is rated, or one kind of place that is looked for."""

    title: Text
    asks: str = Field(default="", description="what it means, for the judge")
    anchors: Mapping[int, Text] = Field(
        default_factory=dict[int, str], description="its own points, over those of the scale"
    )
    reversed: bool = Field(default=False, description="a high point is bad")


class SheetText(_Written):
    """How a scale is asked on one occasion, as its file has it."""

    of: Literal["session", "form"] = Field(
        default="session", description="a form is judged once for all sessions of its client"
    )
    shape: Shape = Field(
        description="item: a call for each. items: one call for all. step: a call for each "
        "exchange. findings: one call for a list of places"
    )
    sees: tuple[JudgeField, ...] = Field(min_length=1, description="in the order of the prompt")
    task: Text
    items: tuple[Name, ...] = Field(default=(), description="those of the scale; none is all")
    screens: Speaker | None = Field(default=None, description="whose utterances findings are in")
    answer_tokens: int = Field(default=256, ge=1, description="that an answer may take")
    further: bool = Field(default=False, description="asked only when the full scale is wanted")


class Scale(_Written):
    """A scale, as its file has it."""

    title: Text
    source: Text
    low: int
    high: int
    anchors: Mapping[int, Text] = Field(default_factory=dict[int, str])
    sheets: Mapping[Name, SheetText] = Field(min_length=1)
    subscales: Mapping[Name, tuple[Name, ...]] = Field(default_factory=dict[str, tuple[str, ...]])
    change: tuple[Name, Name] | None = Field(
        default=None, description="sheets before and after, of which the difference is the measure"
    )
    items: Mapping[Name, Item] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_only_its_own_items(self) -> "Scale":
        named = {f"subscales > {name}": items for name, items in self.subscales.items()}
        named |= {f"sheets > {name} > items": sheet.items for name, sheet in self.sheets.items()}
        for place, items in named.items():
            for item in items:
                if item not in self.items:
                    raise ValueError(
                        f"{place}: no item {item!r}; there are {', '.join(self.items)}"
                    )
        return self

    @model_validator(mode="after")
    def _compares_its_own_sheets(self) -> "Scale":
        for sheet in self.change or ():
            if sheet not in self.sheets:
                raise ValueError(f"change: no sheet {sheet!r}; there are {', '.join(self.sheets)}")
        return self

    @model_validator(mode="after")
    def _says_what_its_points_mean(self) -> "Scale":
        for name, item in self.items.items():
            points = {**self.anchors, **item.anchors}
            if not {self.low, self.high} <= points.keys():
                raise ValueError(
                    f"items > {name} > anchors: expected a text for {self.low} and for "
                    f"{self.high}, here or in the scale's own anchors"
                )
            outside = [point for point in points if not self.low <= point <= self.high]
            if outside:
                raise ValueError(
                    f"items > {name} > anchors: {outside[0]} is outside {self.low} to {self.high}"
                )
        return self

    @model_validator(mode="after")
    def _shows_what_its_sheets_need(self) -> "Scale":
        for name, sheet in self.sheets.items():
            if sheet.shape == "findings" and sheet.screens is None:
                raise ValueError(f"sheets > {name} > screens: expected counselor or client")
            needed = {"plan", "exchange"} if sheet.shape == "step" else set[str]()
            if not needed <= set(sheet.sees):
                raise ValueError(f"sheets > {name} > sees: shape step needs plan and exchange")
            if sheet.of == "form" and sheet.sees != ("form",):
                raise ValueError(f"sheets > {name} > sees: a form is judged by the form alone")
        return self


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One occasion on which a scale is asked: what a judge fills in."""

    name: str
    scale: Scale
    text: SheetText

    @property
    def items(self) -> Mapping[str, Item]:
        """The items that it asks, in its order."""
        return {name: self.scale.items[name] for name in self.text.items or self.scale.items}

    def points(self, item: str) -> Mapping[int, str]:
        """Return what an item's points mean, the lowest first."""
        return dict(sorted({**self.scale.anchors, **self.scale.items[item].anchors}.items()))
