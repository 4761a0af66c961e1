"""What the sealed attacks know of characters and key words: sounds, shapes and parts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Character:
    """One character's disguises; an empty string where there is none."""

    pinyin: str
    sounds: str
    shapes: str
    parts: str


_TABLE = """
百 bǎi 佰白摆 白自 一白
家 jiā 加佳夹 冢嫁 宀豕
乐 lè 勒叻了 东牙 -
龙 lóng 隆笼农 尤庞 -
虎 hǔ 唬浒湖 虚虏 虍几
棋 qí 奇骑琪 祺棊 木其
牌 pái 排徘派 碑脾 片卑
代 dài 带待袋 伐岱 亻弋
理 lǐ 里礼李 埋哩 王里
下 xià 夏吓霞 卞吓 -
注 zhù 住著租 炷柱 氵主
彩 cǎi 采菜踩 釆綵 采彡
金 jīn 斤津今 全釒 人王丷
滚 gǔn 棍辊拱 浓磙 氵衮
球 qiú 求囚秋 逑救 王求
赌 dǔ 堵肚渡 睹都 贝者
场 chǎng 厂常产 扬汤 土昜
博 bó 播伯驳 搏膊 十甫寸
庄 zhuāng 装桩赃 压床 广土
分 fēn 芬份风 兮氛 八刀
捕 bǔ 补卜布 浦辅 扌甫
鱼 yú 余于雨 渔魚 -
机 jī 鸡基激 杌叽 木几
特 tè 忒贴 持恃 牛寺
码 mǎ 马玛妈 蚂玛 石马
六 liù 溜流留 穴宍 亠八
合 hé 和河何 拾盒 人一口
刷 shuā 唰耍 涮刹 尸巾刂
单 dān 丹担当 弹箪 丷甲
返 fǎn 反凡犯 板饭 反辶
利 lì 力立例 莉刹 禾刂
垫 diàn 店电殿 执蛰 执土
付 fù 负附富 村附 亻寸
稳 wěn 吻问温 隐急 禾急
赚 zhuàn 转传钻 谦嫌 贝兼
保 bǎo 宝饱报 呆堡 亻呆
本 běn 笨苯奔 木夲 木一
证 zhèng 正政赠 征怔 讠正
贷 dài 带代待 贸货 代贝
款 kuǎn 宽欵 歀隶 士示欠
黑 hēi 嘿黒 墨里 里灬
户 hù 护互沪 沪卢 丶尸
开 kāi 揩凯 幵升 一廾
发 fā 法罚伐 拨友 -
票 piào 漂嫖飘 栗粟 西示
专 zhuān 砖钻装 传砖 -
刻 kè 克课客 核劾 亥刂
章 zhāng 张彰脏 障童 立早
公 gōng 工攻供 讼松 八厶
办 bàn 伴半扮 为协 力八
毕 bì 必币壁 华哔 比十
业 yè 页夜叶 亚显 -
银 yín 吟淫寅 根垠 钅艮
行 háng 航杭 衍形 彳亍
卡 kǎ 咖咔喀 佧咔 上下
件 jiàn 见建间 伴仵 亻牛
套 tào 涛逃掏 奁夳 大镸
对 duì 队兑堆 怼寸 又寸
跑 pǎo 炮抛泡 抱炮 足包
手 shǒu 守首叟 毛扌 -
现 xiàn 线限显 规视 王见
违 wéi 围维唯 伟苇 韦辶
禁 jìn 近进尽 噤楚 林示
药 yào 要耀钥 约葯 艹约
门 mén 们闷扪 们问 -
服 fú 福伏扶 报菔 月卩又
务 wù 雾物误 雾劳 夂力
成 chéng 程城曾 诚戌 戊丁
人 rén 仁任忍 入亻 -
裸 luǒ 裹罗锣 课棵 衤果
聊 liáo 辽疗了 柳卿 耳卯
无 wú 吴五武 元旡 -
激 jī 机鸡击 缴邀 氵敫
情 qíng 晴请勤 清睛 忄青
脱 tuō 托拖妥 税悦 月兑
衣 yī 一依伊 农依 -
援 yuán 圆元园 缓暖 扌爰
交 jiāo 胶教焦 郊咬 六乂
包 bāo 宝胞苞 句抱 勹巳
夜 yè 叶页业 液亱 -
警 jǐng 井景紧 擎璥 敬言
察 chá 查茶擦 蔡擦 宀祭
民 mín 敏皿名 氏抿 -
法 fǎ 发罚砝 怯砝 氵去
院 yuàn 愿怨远 阮完 阝完
税 shuì 睡水岁 悦锐 禾兑
废 fèi 费肺沸 庋拨 广发
物 wù 务误勿 牧吻 牛勿
渣 zhā 扎喳杂 碴揸 氵查
垃 lā 拉啦辣 拉粒 土立
圾 jī 鸡机级 极级 土及
贱 jiàn 件见建 钱浅 贝戋
畜 chù 处触促 蓄富 玄田
生 shēng 声升森 牛主 -
脑 nǎo 恼老闹 恼胸 月卤
残 cán 蚕惭馋 浅栈 歹戋
房 fáng 防妨芳 访户 户方
定 dìng 订腚丁 淀锭 宀疋
位 wèi 为味卫 泣拉 亻立
信 xìn 新心芯 诚伝 亻言
息 xī 西希吸 熄恩 自心
身 shēn 深申森 射躬 -
份 fèn 粉愤奋 汾扮 亻分
肉 ròu 揉柔漏 内宍 -
批 pī 劈披皮 枇此 扌比
量 liàng 亮辆浪 童重 旦里
册 cè 厕测策 珊删 -
小 xiǎo 晓消笑 少尔 -
号 hào 耗浩好 另兮 口丂
群 qún 裙逡穷 郡裙 君羊
接 jiē 街皆揭 椄妾 扌妾
解 jiě 姐介届 懈触 角刀牛
封 fēng 风丰峰 卦葑 圭寸
养 yǎng 痒氧仰 恙美 -
木 mù 目幕墓 本禾 -
马 mǎ 码玛麻 乌吗 -
病 bìng 并丙冰 疒疴 疒丙
毒 dú 读独度 每纛 龶母
勒 lè 乐肋了 靳勤 革力
索 suǒ 锁所嗦 素紊 十冖糸
客 kè 克刻课 容各 宀各
攻 gōng 工公功 功巧 工攵
击 jī 鸡及机 缶出 -
漏 lòu 陋露搂 屚瀜 氵屚
洞 dòng 动冻懂 侗桐 氵同
后 hòu 厚候吼 垢右 -
台 tái 抬苔太 怡冶 厶口
破 pò 迫魄坡 坡波 石皮
高 gāo 糕搞膏 亮嵩 -
仿 fǎng 访纺房 彷防 亻方
盗 dào 到道倒 盔次 次皿
版 bǎn 板伴班 板叛 片反
孕 yùn 运韵晕 孚孖 乃子
替 tì 剃涕题 潜赞 夫夫日
考 kǎo 烤靠拷 老孝 耂丂
翻 fān 番帆烦 播旛 番羽
墙 qiáng 强蔷樯 樯蔷 土啬
梯 tī 踢剔提 娣锑 木弟
外 wài 歪崴 处夕 夕卜
挂 guà 卦瓜褂 桂卦 扌圭
撞 zhuàng 状壮幢 幢瞳 扌童
库 kù 酷裤哭 厍裤 广车
钓 diào 吊掉调 钩钧 钅勺
打 dǎ 大达搭 找扑 扌丁
断 duàn 段锻端 斩继 米斤
砍 kǎn 坎侃看 坎欧 石欠
爆 bào 报暴抱 瀑曝 火暴
炸 zhà 乍诈渣 作诈 火乍
恐 kǒng 孔空控 恭巩 巩心
怖 bù 布步部 布饰 忄布
推 tuī 腿颓退 堆椎 扌隹
密 mì 蜜秘觅 蜜宓 宀必山
国 guó 果过裹 囯囝 囗玉
独 dú 读毒督 浊烛 犭虫
立 lì 力利历 位丽 -
劣 liè 列裂烈 岁省 少力
等 děng 邓灯登 寺筹 竹寺
族 zú 足组祖 旅旋 方矢
末 mò 莫墨默 未抹 -
师 shī 诗施思 帅狮 -
灵 líng 铃零林 炅录 彐火
符 fú 福服扶 苻附 竹付
倒 dǎo 导岛捣 到捯 亻到
闭 bì 必毕币 闲闪 门才
产 chǎn 铲阐厂 彦立 -
假 jiǎ 甲贾夹 暇遐 亻叚
消 xiāo 销萧小 悄削 氵肖
地 dì 弟第蒂 他池 土也
震 zhèn 阵振镇 霞辰 雨辰
游 yóu 由油尤 遊斿 氵方子
围 wéi 违维唯 伟困 囗韦
堵 dǔ 赌睹肚 绪都 土者
未 wèi 为位味 末味 -
年 nián 黏粘连 午牟 -
烟 yān 咽淹央 咽因 火因
偷 tōu 投头透 愉输 亻俞
洗 xǐ 喜西席 冼铣 氵先
钱 qián 前潜强 线浅 钅戋
逃 táo 桃淘套 桃迢 兆辶
骗 piàn 片偏篇 编遍 马扁
"""

_WORDS = """
百家乐 龙虎 棋牌 代理 下注 彩金 时时彩 滚球 赌场 赌球 博彩 赌 庄家 上下分
捕鱼 老虎机 特码 六合 刷单 返利 垫付 稳赚 保本 保证金 日赚 躺赚 贷款 黑户
代开 发票 专票 刻章 公章 办证 毕业证 银行卡 四件套 对公 跑分 手机卡 套现 违禁
上门服务 成人 裸聊 无码 激情 脱衣 援交 包夜 公安 民警 警官 法院 税务 废物
人渣 垃圾 贱货 畜生 脑残 开房 定位 个人信息 身份证 人肉 批量 注册 小号 群发
接码 解封 养号 木马 病毒 勒索 黑客 攻击 漏洞 后台 破解 高仿 盗版 代孕 替考
翻墙 梯子 外挂 撞库 钓鱼 打断 砍 爆炸 恐怖 推翻 机密 涉密 独立 劣等 民族
末日 大师 灵符 倒闭 破产 假消息 地震 游行 围堵 堵 未成年 小烟 偷 洗钱 逃税
骗保 盗刷 诈骗 投毒 信用 密码 流水 代写 卖 客户资料 数据
"""


def _parse(table: str) -> dict[str, Character]:
    rows = (line.replace("-", "").split(" ") for line in table.strip().splitlines())
    return {
        character: Character(pinyin, sounds, shapes, parts)
        for character, pinyin, sounds, shapes, parts in rows
    }


CHARACTERS = _parse(_TABLE)
"""By character. Columns of the table: character, pinyin, same sounds, similar shapes, parts."""

WORDS = tuple(_WORDS.split())
"""What a sender would hide."""
