"""Attacks that write other words: slang, emoji, letters for syllables, fillers (B), English (C)."""

from __future__ import annotations

import random
from collections.abc import Sequence

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import (
    between_letters,
    each_letter,
    each_place,
    is_ideograph,
    throughout,
    words_from_table,
)
from models.training.attacks.sounds import syllable

_SLANG = """
微信=V信/威信/徽信/薇芯/卫星/绿泡泡 QQ=扣扣/企鹅/球球 加=伽/➕/架 群=裙/羣 赌博=菠菜/DB/堵搏
博彩=菠菜/BC/薄菜 赌场=DC/堵场 彩票=CP/财票/彩漂 开户=KH/开沪 钱=米/銭/票子 发票=发飘/fp/票票
银行卡=四件套/银行咔/YHK 刷单=S单/刷dan/唰单 兼职=JZ/坚职 贷款=带款/DK/袋款 色情=瑟瑟/涩情/SQ
裸聊=果聊/LL 约炮=约泡/YP 毒品=du品/DP/独品 枪=锵/Q支 办证=办zheng/BZ/板证 代开=代kai/DK/带开
身份证=SFZ/身分证/S份证 账号=ZH/长号/账hao 密码=MM/米马 手机=手鸡/sj 电话=点话/dh 返利=反利/FL
客服=KF/克服 转账=转帐/ZZ 支付宝=ZFB/某宝/支fu宝 领取=0取/领qu 下载=↓载/xz 链接=LJ/恋接
视频=SP/视平 小学生=小学森/xxs 老师=老湿/ls 美女=镁铝/妹纸 女人=铝人/女ren 死=4/屎/si
妈=马/母/ma 傻逼=沙比/SB/煞笔 垃圾=辣鸡/拉圾/LJ 政府=ZF/zheng府 警察=JC/警茶/条子
公安=GA/帽子叔叔 杀=鲨/sha 出售=出手/CS/出瘦 收购=收够/SG 实名=石名/SM 注册=ZC/住册 代理=DL/代里
充值=冲值/CZ 提现=提线/TX 下注=下珠/XZ 平台=平苔/PT 会员=HY/会元 黑客=HK/嘿客 木马=木ma/MM/目马
外挂=歪瓜/WG 破解=破姐/PJ 验证码=YZM/验证🐎 码=马/🐎 佣金=傭金/YJ 日结=RJ/日jie 投资=头资/TZ
股票=GP/古票 内部=内bu/NB 免费=免肥/0元 保证金=包证金/BZJ 本金=本💰/BJ 余额=鱼额/YE 账户=账沪/ZH
圣战=圣站/SZ 走私=走丝/ZS 水货=水huo/SH 高仿=高防/GF/A货 原单=园单/YD 贵宾=VIP 包夜=包液/BY
上分=上芬/SF 下分=下芬/XF 返水=反水/FS 彩金=采金/CJ 注册机=ZCJ 免杀=免sha/MS 抓包=抓bao/ZB
教程=JC/叫程 脚本=JB/角本 名单=MD/茗单 数据=SJ/鼠据 流水=LS/刘水 码粮=马粮/ML 跑分=P分/跑芬
洗钱=XQ/洗米
"""
"""Words, each followed by what those who avoid filters write for it."""

_EMOJI = """
信=✉️ 钱=💰 金=🪙 米=🍚 车=🚗 房=🏠 枪=🔫 刀=🔪 弹=💣 炸=💥 药=💊 毒=☠️ 酒=🍺 烟=🚬 牌=🃏
麻将=🀄 骰=🎲 赌=🎰 彩=🌈 赢=🏆 奖=🏆 码=🐎 马=🐎 鸡=🐔 狗=🐶 猪=🐷 牛=🐮 龙=🐲 虎=🐯 手机=📱
机=📱 电话=☎️ 电脑=💻 号=#️⃣ 卡=💳 群=👥 男=👨 女=👩 妈=👩‍👦 老师=👩‍🏫 学生=🧑‍🎓 学=📖 脸=😐
眼=👀 看=👀 手=✋ 口=👄 血=🩸 死=💀 杀=🔪 火=🔥 水=💧 冰=🧊 菜=🥬 茶=🍵 鱼=🐟 球=⚽ 飞=✈️ 船=🚢
快递=📦 包=📦 票=🎫 加=➕ 减=➖ 百=💯 心=❤️ 爱=❤️ 床=🛏️ 密=🔒 锁=🔒 书=📖 文件=📄 视频=🎬
照片=📷 拍=📸 网=🌐 链=🔗 上=⬆️ 下=⬇️ 返=🔙 转=🔄 红=🔴 黑=⚫ 白=⚪ 黄=🟡 日=☀️ 夜=🌙 月=🌛
星=⭐ 花=🌹 一=1️⃣ 二=2️⃣ 三=3️⃣ 五=5️⃣ 八=8️⃣ 王=👑 鬼=👻 人=🧍 小=🤏 大=🐘 开=🔓 发=📤 收=📥
单=🧾 证=🪪 章=💮 银行=🏦 店=🏪 商=🏪 医=🏥 家=🏠 国=🗺️ 老板=🤵 警察=👮 公安=👮
"""
"""Words, each with the emoji that is put in its place."""

_ENGLISH = """
赌博=gambling 博彩=betting 赌场=casino 下注=bet 彩金=bonus 返利=rebate 返水=rebate 发票=invoice
账户=account 账号=account 银行卡=bank card 信用卡=credit card 密码=password 验证码=code
转账=transfer 投资=invest 收益=profit 保证金=deposit 客服=service 平台=platform 链接=link
领取=claim 奖=prize 手机=phone 电话=phone 群=group 加=add 微信=WeChat 卖=sell 出售=sell 收购=buy
买=buy 枪=gun 毒品=drugs 药=pills 烟=cigarettes 假=fake 证=license 章=seal 视频=video
照片=photos 裸=nude 性=sex 美女=girls 女人=women 男人=men 学生=students 小学生=kids 老师=teacher
杀=kill 死=die 打=beat 垃圾=trash 蠢=stupid 脑残=moron 狗=dog 猪=pig 黑客=hacker 木马=trojan
病毒=virus 破解=crack 漏洞=exploit 攻击=attack 软件=software 教程=tutorial 教=teach 脚本=script
数据=data 名单=list 身份证=ID card 银行=bank 贷款=loan 佣金=commission 兼职=part-time job
日结=daily pay 会员=member 充值=top up 提现=withdraw 余额=balance 解冻=unfreeze 冻结=frozen
公安=police 警察=police 法院=court 政府=government 民族=ethnic 外族=foreigners 圣战=jihad
建国=new state 独立=independence 集合=gather 走私=smuggled 货=goods 高仿=replica 原单=original
盗版=pirated 免杀=undetected 群发=mass sending 注册=register 老板=boss 专员=agent 免费=free
今晚=tonight 送=gift 赢=win 输=lose 充=top up 返=return 付=pay 收=buy 出=sell 卡=card 号=account
码=code 钱=money 费=fee 票=ticket 单=order 红包=red packet 牌=cards 盘=market 开=open 做=do
学=learn 看=watch 拍=shoot
"""
"""Words, each with the English one that is put in its place."""

_LETTERS = """
wei=V/v qiu=Q bi=B/b pi=P ti=T/t di=D/d ai=i/A yi=E/1 ou=O you=U xi=C wu=5/W liu=6 qi=7 ba=8
jiu=9 ling=0 san=3 si=4 er=2/R dou=D ji=G kai=K/k ka=K ma=M/m mei=M en=N zhi=Z za=Z shi=S/4
yao=1 dian=D ke=K ge=G fu=F ka=K kou=Q jia=+ mi=M wan=W
"""
"""Syllables, each followed by the letters and digits that are read like it."""

_FILLERS = ("啊", "呀", "呢", "哦", "嘛", "哈", "的", "那个", "嗯", "滴")


def _table(lines: str, joint: str = "/") -> dict[str, Sequence[str]]:
    """`word=one/another` parted by spaces; a space within what stands for a word is kept."""
    table: dict[str, Sequence[str]] = {}
    word = ""
    for piece in lines.split():
        if "=" in piece:
            word, _, forms = piece.partition("=")
            table[word] = forms.split(joint)
        else:  # the rest of an English expression
            table[word] = [f"{table[word][0]} {piece}"]
    return table


_SYLLABLES = _table(_LETTERS)


def _letter(char: str, chance: random.Random) -> str:
    return chance.choice(_SYLLABLES.get(syllable(char), char)) if is_ideograph(char) else char


def _fill(chance: random.Random) -> str:
    return chance.choice(_FILLERS)


ATTACKS = (
    AimedAttack("slang", "B", throughout(words_from_table(_table(_SLANG)))),
    AimedAttack("emoji_for_words", "B", each_place(words_from_table(_table(_EMOJI)))),
    AimedAttack("letters_for_syllables", "B", each_letter(_letter)),
    AimedAttack("fillers", "B", each_place(between_letters(_fill))),
    AimedAttack("mixed_languages", "C", each_place(words_from_table(_table(_ENGLISH)))),
)
