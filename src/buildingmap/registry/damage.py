"""What is wrong with a registry, and what mending it does, each a sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from buildingmap.model import Lang

# names of tables, fields, triggers and rows stand as they are in the store: whoever mends it looks for them there
_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # what is wrong
    "file": ("the file is damaged: {what}", "文件损坏：{what}"),
    "number": (
        "version {version}: expected version {expected} here",
        "第 {version} 版：此处应为第 {expected} 版",
    ),
    "link": (
        "version {version}: does not follow from the version before it",
        "第 {version} 版：与前一版不衔接",
    ),
    "audit": ("version {version}: its audit row was changed", "第 {version} 版：其审计记录被改动"),
    "changes": ("version {version}: its changes were changed", "第 {version} 版：其变更内容被改动"),
    "end": (
        "the registry is at version {version}, its trail ends at {end}",
        "登记库为第 {version} 版，审计记录止于第 {end} 版",
    ),
    "no_settings": ("the registry has no row of its own any more", "登记库自身的记录已不存在"),
    "gap": (
        "version {version}: {table} {row} was changed before it, and no version tells of that",
        "第 {version} 版：{table} {row} 在此之前已被改动，而没有任何版本记载",
    ),
    "setting": (
        "the registry's {field} was changed outside the registry",
        "登记库的 {field} 被其他程序改动",
    ),
    "mark": (
        "the registry's mark of its own writing was set outside the registry",
        "登记库的写入标记被其他程序设置",
    ),
    "row": ("{table} {row}: was changed outside the registry", "{table} {row}：被其他程序改动"),
    "stamp": (
        "{table} {row}: {fields} was changed outside the registry",
        "{table} {row}：{fields} 被其他程序改动",
    ),
    "deleted": ("{table} {row}: was deleted outside the registry", "{table} {row}：被其他程序删除"),
    "remembered": (
        "expected version {version}, which was remembered: {why}",
        "应为所记住的第 {version} 版：{why_zh}",
    ),
    "no_table": ("table {table} is missing", "数据表 {table} 缺失"),
    "other_table": (
        "table {table} was made anew without the columns of the registry",
        "数据表 {table} 被重新建立，缺少登记库的列",
    ),
    "no_trigger": ("trigger {trigger} on {table} is missing", "{table} 上的触发器 {trigger} 缺失"),
    "other_trigger": ("trigger {trigger} on {table} was changed", "{table} 上的触发器 {trigger} 被改动"),
    "strange_trigger": (
        "trigger {trigger} on {table} is not the registry's",
        "{table} 上的触发器 {trigger} 不属于登记库",
    ),
    "no_checks": (
        "table {table} no longer refuses bad cells: {checks} (buildingmap move makes a registry that does)",
        "数据表 {table} 不再拒绝有误的内容：{checks}（buildingmap move 可生成完整的登记库）",
    ),
    # what mending does
    "make_again": ("make good: {what}", "修复：{what}"),
    "take_in": (
        "take in as a revision by 'outside': {table} {row} ({fields})",
        "作为 outside 的一次修改收入：{table} {row}（{fields}）",
    ),
    "take_in_new": (
        "take in as a revision by 'outside': {table} {row}, which was added",
        "作为 outside 的一次修改收入：新增的 {table} {row}",
    ),
    "take_in_gone": (
        "take in as a revision by 'outside': {table} {row}, which was deleted",
        "作为 outside 的一次修改收入：被删除的 {table} {row}",
    ),
    "put_back": (
        "put back, and keep beside what was typed: {table} {row} ({fields})",
        "恢复原值并留存所填内容：{table} {row}（{fields}）",
    ),
    "note_gap": (
        "note in a revision that the trail has a gap; what was typed then cannot be known: {what}",
        "记入一次修改：审计记录有缺口，当时所填内容已无从得知：{what}",
    ),
    "remember": (
        "take the registry as it is now for the one to be remembered: {what}",
        "以登记库现状为准重新记住：{what}",
    ),
    "beyond": (
        "cannot be mended, buildingmap restore brings a backup back: {what}",
        "无法修复，请用 buildingmap restore 恢复备份：{what}",
    ),
}


# steps of mending that mend nothing: they say what somebody has to do
_TOLD_ALONE: Final = frozenset({"beyond", "no_checks"})


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where a registry is not whole, or a step of mending it: a code, and the values of its sentence."""

    code: str
    values: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, code: str, **values: object) -> Damage:
        """Build one; ``values`` fill the braces of its sentence, another Damage as its own sentence."""
        return cls(code, tuple(values.items()))

    @property
    def mends(self) -> bool:
        """Whether this step of mending changes the store, and does not only say what has to be done."""
        return self.code not in _TOLD_ALONE

    def text(self, lang: Lang = "en") -> str:
        """Return the sentence in ``lang``, printable whatever names the store holds."""
        english, chinese = _SENTENCES[self.code]
        filled = {
            name: value.text(lang) if isinstance(value, Damage) else str(value) for name, value in self.values
        }
        return (english if lang == "en" else chinese).format_map(filled)

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.text()
