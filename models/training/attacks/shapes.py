"""Attacks of tier B by shape: characters that look alike, gain a radical, or fall into parts.

The tables are written by hand from how such texts look, and from no table of a counter-measure.
"""

from __future__ import annotations

from collections import defaultdict

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import each_letter, from_table, some_letters, throughout

_ALIKE = """
赌睹堵诸猪绪煮 博搏缚膊薄 采彩踩睬菜 码玛妈吗骂蚂 群裙郡 账帐胀涨 银很狠跟根恨 票漂飘嫖瞟
钱线浅贱栈残 投役设没 贷货贺资贸 徽微薇 加伽咖茄枷 骗编偏遍篇 卡咔佧 单箪弹 收牧攸 返饭板版贩
注住柱驻 密蜜 证征怔症 抱泡炮跑饱包 枪抢呛舱 毒毐 请清情晴睛精 转传砖 打叮钉订 提堤题 现观规视
充允兑 代伐仗 刷涮 领颂颁 红江杠缸 结洁桔诘 给恰拾哈 机饥叽肌 赢嬴羸 赔陪培倍部剖 押抻钾鸭
抽柚油轴 奖桨浆 盘盆 费沸 利和俐莉痢 服股 黑墨默 客容 卖读续 缴激邀 冻陈练炼 洗冼选铣 控空腔
频颁颗 聊柳卿 裸棵踝稞 约豹钓哟 妹昧味 妞扭钮 性姓牲 姐祖组租阻 赚嫌谦歉 佣拥涌 招绍昭沼超
刻核孩该咳 章障彰 假暇瑕 购沟构钩 药约 炸诈作昨窄 刀刁 杀刹 砍坎吹炊 本木术未末 马鸟 攻功巧
洞铜桐 库裤 脱说悦税锐 外处 挂桂娃洼 端瑞喘 破坡披被 解懈蟹 权杈汉仅 员圆 查香 档挡裆 私和 侦贞
探深 偷愉输喻 拍柏伯怕 脑恼 狗拘苟枸 娘狼浪粮 战站沾钻粘 独烛浊 立位泣 建健键 抗坑炕 集隼 网冈
络路洛骆 平评苹坪 台抬胎治 户沪护 理埋里 财材 保褓堡 通桶捅 内肉 拉垃啦 待特持诗恃 肖销消削
波坡菠 分份粉纷 庄赃桩 牌碑 棋旗期欺琪 真直 人入 何荷河 官管馆 验检险脸捡 优犹 夜液腋 按桉
摩魔磨 干千于 日曰目 土士 己已巳 大太犬 天夭 今令 问间闻 拔拨 官宫 师帅 刺剌 免兔 冒昌 兵乒 广厂
付附咐府 扣口 号亏 发友 金全 出击 名各 回四 同问 时对 学字 实买 老考 看着 知和 来未 先洗
把吧爸肥 被破 教数 自白 做故 万方 不木 生牛 手毛 你称 您惩 他地 会合 点占 信倍 电申 话活 号另
行衍 安案 全仝 送迭 交父 工土 价介 量重 速束
"""
"""Families of characters that the eye takes for one another."""

_ADDED = """
马玛吗码 加伽咖 可呵坷 也他她 发泼拨 分份纷 卡咔 微薇 心沁 十什 包抱泡 巴吧把 不杯坏 关咲 区呕
里哩理 立拉 家嫁 票飘漂 采彩 者赌 长张账 专传 主注 工红 正证 言信 青请清 反返饭 方仿防 生性姓
龙拢珑 黑嘿 弟递 交胶咬校 白拍 单弹掸 卖读 才财材 化花货 代贷袋 全痊诠 会绘烩 员圆 木沐 火伙
土吐 每海 古估姑 千纤 元玩 占站粘 刀叨 果课 苗喵 门们 东冻 台抬 支枝 平评 丁打 女汝 子仔 金锦
合给哈 吉结 兑说 客喀 周调 广矿扩 夜液腋 丽俪 老佬 付附咐府 式试拭 皮披 空控 己记 成城诚 公松
司词 路露 上让 下吓虾 文纹 名铭 足捉 求球救 利俐 本体 尔你 皇煌 良粮 由油 申伸神 且姐 未妹 乞吃
直值 真慎填 先洗 见现 王旺 贝呗 车库 甲押 斤听 欠软 扁骗 仓枪 乍诈 毛笔 少抄 中种 我饿 他拖 来莱
到倒 去法 出础 要腰 是提 有洧 看着 人认 手拿 头买 对树 无抚 内纳 点踮 行哘 信婞 账障 群羣 号呺
钱溅 网惘 银垠 赢瀛 服箙 免晚 查渣 登瞪 录渌 安按 介价 令领 冒帽 兵宾 孰熟 官管 宾滨 审婶 属嘱
库裤 度渡 建键 彦颜 或惑 户护 收荍 敢憨 朱珠 星腥
"""
"""Characters, each followed by those that are itself with a radical more."""

_SPLIT = """
群君羊 码石马 账贝长 您你心 结纟吉 给纟合 把扌巴 机木几 打扌丁 证讠正 信亻言 请讠青 动云力
教孝攵 名夕口 银钅艮 谁讠隹 注氵主 查木旦 外夕卜 接扌妾 货化贝 换扌奂 加力口 私禾厶 保亻呆
扫扌彐 时日寸 明日月 跟足艮 现王见 理王里 板木反 版片反 代亻弋 红纟工 份亻分 别另刂 提扌是
验马佥 解角刀牛 想相心 照昭灬 转车专 钱钅戋 线纟戋 招扌召 没氵殳 控扌空 让讠上 领令页 赔贝咅
期其月 对又寸 烟火因 找扌戈 数娄攵 彩采彡 软车欠 破石皮 放方攵 特牛寺 抽扌由 频步页 盒合皿
贴贝占 限阝艮 防阝方 像亻象 课讠果 路足各 冻冫东 推扌隹 封圭寸 洞氵同 按扌安 挂扌圭 脸月佥
讲讠井 住亻主 税禾兑 源氵原 仿亻方 狗犭句 战占戈 站立占 拍扌白 组纟且 资次贝 配酉己 佣亻用
股月殳 拉扌立 知矢口 级纟及 活氵舌 妈女马 圣又土 织纟只 漏氵屚 指扌旨 训讠川 退辶艮 种禾中
谈讠炎 利禾刂 约纟勺 快忄夬 柜木巨 议讠义 传亻专 清氵青 法氵去 操扌喿 集隹木 骗马扁 赌贝者
博十尃 投扌殳 贷代贝 诈讠乍 贩贝反 枪木仓 炮火包 弹弓单 娱女吴 嫖女票 妓女支 奶女乃 姐女且
妹女未 好女子 妞女丑 性忄生 情忄青 酒氵酉 洗氵先 赚贝兼 购贝勾 财贝才 费弗贝 押扌甲 诚讠成
诉讠斥 设讠殳 试讠式 话讠舌 记讠己 计讠十 许讠午 语讠吾 谢讠射 评讠平 词讠司 调讠周 论讠仑
询讠旬 详讠羊 该讠亥 误讠吴 说讠兑 读讠卖 诱讠秀 驴马户 驱马区 针钅十 钉钅丁 铁钅失 铜钅同
链钅连 错钅昔 销钅肖 键钅建 如女口 姓女生 始女台 婚女昏 媒女某 奴女又 呼口乎 吃口乞 吗口马
吧口巴 吹口欠 听口斤 吸口及 味口未 咬口交 哈口合 唱口昌 喝口曷 河氵可 海氵每 油氵由 泡氵包
液氵夜 波氵皮 浪氵良 澳氵奥 港氵巷 泄氵世 滚氵衮 体亻本 什亻十 们亻门 他亻也 任亻壬 伙亻火
休亻木 位亻立 作亻乍 件亻牛 价亻介 供亻共 侦亻贞 便亻更 做亻故 偷亻俞 债亻责 倍亻咅 值亻直
借亻昔 优亻尤 权木又 村木寸 材木才 杯木不 林木木 枝木支 棋木其 校木交 样木羊 核木亥 根木艮
格木各 档木当 检木佥 模木莫 极木及 标木示 楼木娄 地土也 址土止 坏土不 块土夬 城土成 砍石欠
矿石广 硬石更 确石角 胖月半 胆月旦 脱月兑 朋月月 秒禾少 秘禾必 租禾且 科禾斗 秀禾乃 积禾只
称禾尔 绑纟邦 续纟卖 编纟扁 眼目艮 睡目垂 神礻申 粉米分 粮米良 精米青 跑足包 跳足兆 轮车仑
饭饣反 饮饣欠 鸡又鸟 鸭甲鸟 歌哥欠 欧区欠 欺其欠 政正攵 故古攵 败贝攵 敌舌攵 刻亥刂 到至刂
判半刂 助且力 功工力 劝又力 邮由阝 都者阝 除阝余 阴阝月 阳阝日 险阝佥 院阝完 陪阝咅 张弓长
影景彡 独犭虫 猜犭青 猪犭者 狂犭王 孩子亥 盗次皿 盘舟皿 空穴工 章立早 笔竹毛 花艹化 药艹约
菠艹波 菜艹采 英艹央 草艹早 杀乂木 看手目 收丩攵 号口丂 品口口口 出山山 多夕夕 岁山夕 安宀女
官宀㠯 客宀各 家宀豕 容宀谷 实宀头 字宀子 定宀疋 全人王 金人王 会人云 合人一口 分八刀 公八厶
只口八 另口力
"""
"""Characters, each followed by the parts that stand for it side by side."""

_MARTIAN = """
的哋 是昰 我莪 你伱 他彵 不卟 在茬 有冇 了孒 人亾 们們 好恏 爱嬡 天兲 心杺 小尛 大汏 中狆 上仩
下芐 来莱 去呿 钱錢 赚賺 加咖 微嶶 群羣 发潑 买買 卖賣 单單 行垳 卡鉲 号號 码碼 进進 出岀 收荍
免凂 费費 带帶 万萭 元沅 一弌 二弍 三弎 就僦 到菿 看着 要婹 会浍 可岢 个個 这這 那哪 么麽 都嘟
和啝 给給 让讓 把紦 没莈 做莋 能褦 用鼡 开開 门門 老佬 手掱 机機 电電 话話 信訫 国國 家傢 男侽
女囡 美媄 学學 生泩 打咑 死迉 吃阣 玩琓 真嫃 假徦 快赽 新噺 送鎹 先姺
"""
"""Characters, each followed by its form in the playful script called Martian."""


def _families(lines: str) -> dict[str, str]:
    """Each character of a family stands for every other."""
    found: dict[str, str] = defaultdict(str)
    for family in lines.split():
        for char in family:
            found[char] += family.replace(char, "")
    return dict(found)


def _followed(lines: str) -> dict[str, str]:
    return {line[0]: line[1:] for line in lines.split()}


def _whole(lines: str) -> dict[str, tuple[str, ...]]:
    """What follows a character stands for it as a whole."""
    return {line[0]: (line[1:],) for line in lines.split()}


_alike = from_table(_families(_ALIKE))
_added = from_table(_followed(_ADDED))
_split = from_table(_whole(_SPLIT))
_martian = from_table(_followed(_MARTIAN))

ATTACKS = (
    AimedAttack("look_alikes", "B", each_letter(_alike, share=0.5)),
    AimedAttack("look_alikes_all", "B", each_letter(_alike)),
    AimedAttack("added_radicals", "B", each_letter(_added)),
    AimedAttack("split_characters", "B", each_letter(_split)),
    AimedAttack("split_characters_half", "B", each_letter(_split, share=0.5)),
    AimedAttack("martian", "B", throughout(some_letters(_martian))),
)
