"""What we say to people in languages that we do not speak yet: in their own language and script.

Not in the catalogues, because these are the only two sentences that there are. Written for this table;
ask a speaker before adding a language.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Excuse:
    """ "I do not speak ... yet. I speak:" and "If somebody is in danger, call:"."""

    not_spoken: str
    danger: str


EXCUSES = MappingProxyType(
    {
        "bg": Excuse("Още не говоря български. Говоря тези езици:", "При опасност се обадете на:"),
        "ca": Excuse("Encara no parlo català. Parlo aquests idiomes:", "Si hi ha perill, truqueu al:"),
        "ckb": Excuse("هێشتا بە کوردی نازانم. بەم زمانانە قسە دەکەم:", "ئەگەر مەترسی هەیە، پەیوەندی بکە بە:"),
        "cs": Excuse("Česky zatím neumím. Mluvím těmito jazyky:", "V nebezpečí volejte:"),
        "da": Excuse("Jeg taler ikke dansk endnu. Jeg taler disse sprog:", "Er nogen i fare, så ring:"),
        "el": Excuse("Δεν μιλώ ακόμα ελληνικά. Μιλώ αυτές τις γλώσσες:", "Αν υπάρχει κίνδυνος, καλέστε:"),
        "es": Excuse("Todavía no hablo español. Hablo estos idiomas:", "Si hay peligro, llame al:"),
        "fa": Excuse("من هنوز فارسی بلد نیستم. به این زبان‌ها صحبت می‌کنم:", "اگر خطری هست، زنگ بزنید:"),
        "fi": Excuse("En puhu vielä suomea. Puhun näitä kieliä:", "Jos joku on vaarassa, soita:"),
        "he": Excuse("אני עדיין לא יודע עברית. השפות שאני יודע:", "אם יש סכנה, התקשרו:"),
        "hi": Excuse("मुझे अभी हिन्दी नहीं आती। मैं ये भाषाएँ जानता हूँ:", "ख़तरा हो तो फ़ोन करें:"),
        "hr": Excuse("Još ne govorim vaš jezik. Govorim ove jezike:", "Ako je neko u opasnosti, zovite:"),
        "hu": Excuse("Magyarul még nem tudok. Ezeken a nyelveken beszélek:", "Veszély esetén hívja:"),
        "hy": Excuse("Ես դեռ հայերեն չեմ խոսում։ Խոսում եմ այս լեզուներով՝", "Վտանգի դեպքում զանգահարեք՝"),
        "it": Excuse("Non parlo ancora italiano. Parlo queste lingue:", "In caso di pericolo chiamate:"),
        "ja": Excuse("日本語はまだ話せません。話せる言語:", "危険なときの電話番号:"),
        "ka": Excuse("ქართული ჯერ არ ვიცი. ვლაპარაკობ ამ ენებზე:", "საფრთხის შემთხვევაში დარეკეთ:"),
        "ko": Excuse("아직 한국어를 하지 못합니다. 할 수 있는 언어:", "위험할 때 전화하세요:"),
        "ku": Excuse("Ez hê bi kurdî nizanim. Ez bi van zimanan diaxivim:", "Heke xeter hebe, telefon bikin:"),
        "mk": Excuse("Сѐ уште не зборувам македонски. Ги зборувам овие јазици:", "Ако има опасност, јавете се на:"),
        "no": Excuse("Jeg snakker ikke norsk ennå. Jeg snakker disse språkene:", "Er noen i fare, ring:"),
        "pl": Excuse("Nie mówię jeszcze po polsku. Mówię w tych językach:", "W razie niebezpieczeństwa dzwoń:"),
        "pt": Excuse("Ainda não falo português. Falo estas línguas:", "Em caso de perigo, ligue:"),
        "ro": Excuse("Încă nu vorbesc română. Vorbesc aceste limbi:", "În caz de pericol, sunați la:"),
        "ru": Excuse("Я пока не говорю по-русски. Я говорю на этих языках:", "Если кому-то грозит опасность, звоните:"),
        "sk": Excuse("Po slovensky zatiaľ neviem. Hovorím týmito jazykmi:", "V nebezpečenstve volajte:"),
        "sl": Excuse("Slovensko še ne znam. Govorim te jezike:", "V nevarnosti pokličite:"),
        "sq": Excuse("Ende nuk flas shqip. Flas këto gjuhë:", "Nëse ka rrezik, telefononi:"),
        "sr": Excuse("Још не говорим српски. Говорим ове језике:", "Ако је неко у опасности, зовите:"),
        "sv": Excuse("Jag talar inte svenska än. Jag talar de här språken:", "Är någon i fara, ring:"),
        "th": Excuse("ฉันยังพูดภาษาไทยไม่ได้ ฉันพูดภาษาเหล่านี้ได้:", "หากมีอันตราย โปรดโทร:"),
        "uk": Excuse("Я поки не розмовляю українською. Я розмовляю цими мовами:", "Якщо є небезпека, телефонуйте:"),
        "ur": Excuse("مجھے ابھی اردو نہیں آتی۔ میں یہ زبانیں بولتا ہوں:", "خطرے کی صورت میں فون کریں:"),
        "zh": Excuse("我还不会说中文。我会说这些语言:", "遇到危险请拨打:"),
    }
)
