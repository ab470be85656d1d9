"""The emoji that the practice forum draws: a small part of what Discourse knows, by Discourse's names."""

from __future__ import annotations

VERSION = 14

_TABLE = """
slight_smile 🙂 smiley 😃 smile 😄 grin 😁 grinning_face 😀 laughing 😆 joy 😂 sweat_smile 😅 wink 😉 blush 😊
smiling_face_with_sunglasses 😎 heart_eyes 😍 thinking 🤔 neutral_face 😐 confused 😕 frowning ☹️ cry 😢 sob 😭
open_mouth 😮 scream 😱 rage 😡 angry 😠 sleeping 😴 upside_down_face 🙃 hugs 🤗 relieved 😌 pensive 😔 star_struck 🤩
nerd_face 🤓 partying_face 🥳 stuck_out_tongue 😛 stuck_out_tongue_winking_eye 😜 smirk 😏 exploding_head 🤯
+1 👍 -1 👎 clap 👏 raised_hands 🙌 wave 👋 waving_hand 👋 pray 🙏 muscle 💪 ok_hand 👌 handshake 🤝 point_right 👉
point_down 👇 point_up ☝️ raising_hand 🙋 eyes 👀 brain 🧠 heart ❤️ blue_heart 💙 green_heart 💚 yellow_heart 💛
broken_heart 💔 star ⭐ star2 🌟 sparkles ✨ fire 🔥 boom 💥 tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆
1st_place_medal 🥇 medal_sports 🏅 rocket 🚀 bulb 💡 books 📚 book 📖 open_book 📖 notebook 📓 memo 📝 pencil2 ✏️
pushpin 📌 round_pushpin 📍 calendar 📆 date 📅 clock3 🕒 hourglass ⌛ alarm_clock ⏰ bell 🔔 mega 📣 loudspeaker 📢
speech_balloon 💬 thought_balloon 💭 speaking_head 🗣️ e_mail 📧 email 📧 envelope ✉️ phone ☎️ computer 💻 link 🔗 lock 🔒
key 🔑 hammer 🔨 wrench 🔧 gear ⚙️ mag 🔍 chart_with_upwards_trend 📈 bar_chart 📊 clipboard 📋 paperclip 📎
white_check_mark ✅ heavy_check_mark ✔️ x ❌ warning ⚠️ question ❓ exclamation ❗ information_source ℹ️ arrow_right ➡️
sunny ☀️ cloud ☁️ rainbow 🌈 seedling 🌱 deciduous_tree 🌳 sunflower 🌻 rose 🌹 coffee ☕ tea 🍵 cake 🍰 pizza 🍕 apple 🍎
dart 🎯 jigsaw 🧩 puzzle_piece 🧩 art 🎨 artist_palette 🎨 musical_note 🎵 camera 📷 house 🏠 office 🏢 school 🏫
earth_africa 🌍 globe_with_meridians 🌐 busts_in_silhouette 👥 bust_in_silhouette 👤 turtle 🐢 dog 🐶 cat 🐱
smile_cat 😸 bug 🐛 bee 🐝 butterfly 🦋 snail 🐌 bird 🐦 100 💯 zzz 💤 see_no_evil 🙈 crossed_fingers 🤞 recycle ♻️
"""


def _read(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


BY_NAME = _read(_TABLE)
BY_CHARACTER = {character: name for name, character in reversed(BY_NAME.items())}
SHORTCUTS = {
    ":)": "slight_smile",
    ":-)": "slight_smile",
    ";)": "wink",
    ";-)": "wink",
    ":(": "frowning",
    ":-(": "frowning",
    ":D": "smiley",
    ":-D": "smiley",
    ":P": "stuck_out_tongue",
    ":-P": "stuck_out_tongue",
    ":O": "open_mouth",
    "<3": "heart",
}


def image_attributes(name: str, *, alone: bool) -> dict[str, str | int | float]:
    """The attributes of the picture of an emoji; `alone` when nothing else stands on its line."""
    return {
        "src": f"/images/emoji/twitter/{name}.png?v={VERSION}",
        "title": f":{name}:",
        "class": "emoji only-emoji" if alone else "emoji",
        "alt": f":{name}:",
        "loading": "lazy",
        "width": "20",
        "height": "20",
    }
