"""The intake form: what a client wrote before the first session, and who may read which part."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from magnet.state.attitude import Attitude
from magnet.state.names import given_name

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
UNKNOWN = "Not specified"


class Opening(BaseModel):
    """The two given utterances that open a session; they are not generated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    counselor: Text
    client: Text


class IntakeForm(BaseModel, frozen=True):
    """One client, in the sections of the CACTUS intake form.

    Only the client's own agent may read all of it. The counselor's agents read
    `client_information` and `reason`.
    """

    model_config = ConfigDict(extra="forbid")

    name: Text
    age: int = Field(ge=5, le=120, description="years")
    gender: Text
    occupation: Text = UNKNOWN
    education: Text = UNKNOWN
    marital_status: Text = UNKNOWN
    family: Text = UNKNOWN
    presenting_problem: Text
    reason: Text = Field(description="why the client seeks counseling now, in the first person")
    history: Text = UNKNOWN
    functioning: Text = Field(
        default=UNKNOWN, description="work or school, relationships, daily life"
    )
    social_support: Text = UNKNOWN

    @property
    def first_name(self) -> str:
        """What the counselor calls the client."""
        return given_name(self.name)

    @property
    def client_information(self) -> str:
        """The personal data that the counselor's agents may read, a line each."""
        return "\n".join(
            f"{label}: {getattr(self, field)}"
            for label, field in (
                ("Name", "name"),
                ("Age", "age"),
                ("Gender", "gender"),
                ("Occupation", "occupation"),
                ("Education", "education"),
                ("Marital status", "marital_status"),
                ("Family", "family"),
            )
        )

    @property
    def full_text(self) -> str:
        """The whole form as text, for the client's own agent."""
        sections = (
            ("Presenting problem", self.presenting_problem),
            ("Reason for seeking counseling", self.reason),
            ("History", self.history),
            ("Functioning", self.functioning),
            ("Social support", self.social_support),
        )
        return "\n\n".join(
            [self.client_information, *(f"{title}:\n{text}" for title, text in sections)]
        )


class Client(BaseModel):
    """An intake form made into one simulated client: a form, an attitude, and how it opens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: IntakeForm
    attitude: Attitude
    opening: Opening
    number: int | None = Field(default=None, description="place of the client in its file, from 1")
    source: dict[str, Any] | None = Field(
        default=None,
        description="the seed as its file has it, for export; no agent sees it",
    )
