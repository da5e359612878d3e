"""The configuration pane and the messages by which it tells what a person does."""

from playground_tui.tui.config.messages import (
    CreateRequested,
    DraftingRequested,
    FieldEdited,
    FieldRejected,
    LateEdited,
    ModelsWanted,
    OutsideEditRequested,
    RunSettingEdited,
    RunSettingRejected,
    ZoomRequested,
)
from playground_tui.tui.config.pane import ConfigPane

__all__ = [
    "ConfigPane",
    "CreateRequested",
    "DraftingRequested",
    "FieldEdited",
    "FieldRejected",
    "LateEdited",
    "ModelsWanted",
    "OutsideEditRequested",
    "RunSettingEdited",
    "RunSettingRejected",
    "ZoomRequested",
]
