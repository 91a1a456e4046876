"""Words that invented people, enterprises, places and things are named with. All are common words."""

SURNAMES = {
    "王": "Wang", "李": "Li", "张": "Zhang", "刘": "Liu", "陈": "Chen", "杨": "Yang", "赵": "Zhao", "黄": "Huang",
    "周": "Zhou", "吴": "Wu", "徐": "Xu", "孙": "Sun", "胡": "Hu", "朱": "Zhu", "高": "Gao", "林": "Lin",
    "何": "He", "郭": "Guo", "马": "Ma", "罗": "Luo", "梁": "Liang", "宋": "Song", "郑": "Zheng", "谢": "Xie",
    "韩": "Han", "唐": "Tang", "冯": "Feng", "于": "Yu", "董": "Dong", "萧": "Xiao", "程": "Cheng", "曹": "Cao",
    "袁": "Yuan", "邓": "Deng", "许": "Xu", "傅": "Fu", "沈": "Shen", "曾": "Zeng", "彭": "Peng", "吕": "Lyu",
    "欧阳": "Ouyang", "上官": "Shangguan",
}  # fmt: skip
GIVEN = {
    "伟": "wei", "芳": "fang", "娜": "na", "敏": "min", "静": "jing", "丽": "li", "强": "qiang", "磊": "lei",
    "洋": "yang", "勇": "yong", "艳": "yan", "杰": "jie", "娟": "juan", "涛": "tao", "明": "ming", "超": "chao",
    "霞": "xia", "平": "ping", "刚": "gang", "桂": "gui", "英": "ying", "华": "hua", "玉": "yu", "萍": "ping",
    "红": "hong", "文": "wen", "建": "jian", "国": "guo", "海": "hai", "春": "chun", "志": "zhi", "晓": "xiao",
    "雨": "yu", "晨": "chen", "思": "si", "嘉": "jia", "梓": "zi", "欣": "xin", "怡": "yi", "浩": "hao",
    "然": "ran", "宇": "yu", "轩": "xuan", "诗": "shi", "涵": "han", "子": "zi", "佳": "jia",
}  # fmt: skip
CITIES = {
    "北京市": "Beijing", "上海市": "Shanghai", "天津市": "Tianjin", "重庆市": "Chongqing", "广州市": "Guangzhou",
    "深圳市": "Shenzhen", "杭州市": "Hangzhou", "南京市": "Nanjing", "苏州市": "Suzhou", "成都市": "Chengdu",
    "武汉市": "Wuhan", "西安市": "Xi'an", "青岛市": "Qingdao", "厦门市": "Xiamen", "长沙市": "Changsha",
}  # fmt: skip
PROVINCES = {
    "北京市": "Beijing", "广东省": "Guangdong", "浙江省": "Zhejiang", "江苏省": "Jiangsu", "四川省": "Sichuan",
    "湖北省": "Hubei", "陕西省": "Shaanxi", "山东省": "Shandong", "福建省": "Fujian", "湖南省": "Hunan",
}  # fmt: skip
DISTRICTS = {"示范区": "Shifan", "集贤区": "Jixian", "易安区": "Yi'an", "和平区": "Heping", "新城区": "Xincheng"}
STREETS = {
    "人民路": "Renmin Road", "中山路": "Zhongshan Road", "解放大道": "Jiefang Avenue", "建设路": "Jianshe Road",
    "文化街": "Wenhua Street", "和平路": "Heping Road", "示范路": "Shifan Road", "学院路": "Xueyuan Road",
}  # fmt: skip
COUNTRIES = {
    "中国": "China",
    "法国": "France",
    "日本": "Japan",
    "德国": "Germany",
    "巴西": "Brazil",
    "肯尼亚": "Kenya",
}
BRANDS = {
    "集易": "Jiyi", "华信": "Huaxin", "东升": "Dongsheng", "恒通": "Hengtong", "明远": "Mingyuan",
    "瑞丰": "Ruifeng",
    "天和": "Tianhe", "正泰源": "Zhengtaiyuan", "安达": "Anda", "博文": "Bowen", "嘉禾": "Jiahe",
    "远航": "Yuanhang",
}  # fmt: skip
TRADES = {
    "科技": "Technology", "餐饮管理": "Catering", "文化传播": "Culture", "物流": "Logistics",
    "建筑": "Construction",
    "医药": "Pharmaceutical", "商贸": "Trading", "物业服务": "Property Services", "环保": "Environmental",
}  # fmt: skip
QUALITIES = {
    "便携": "Portable", "轻便": "Light", "智能": "Smart", "经典": "Classic", "家用": "Home",
    "专业": "Professional",
    "环保": "Green", "迷你": "Mini", "防水": "Waterproof", "加厚": "Thick", "静音": "Silent", "多用": "Versatile",
}  # fmt: skip
THINGS = {
    "台灯": "Lamp", "书包": "Backpack", "水杯": "Cup", "雨伞": "Umbrella", "键盘": "Keyboard",
    "耳机": "Headphones",
    "桌子": "Table", "椅子": "Chair", "手表": "Watch", "相机": "Camera", "电饭煲": "Rice Cooker",
    "自行车": "Bicycle",
    "暖水瓶": "Thermos", "毛毯": "Blanket", "音箱": "Speaker", "笔记本": "Notebook",
}  # fmt: skip
TITLES = {
    "关于便民服务的通知": "Notice on Public Services", "办事指南": "Service Guide",
    "年度工作报告": "Annual Report",
    "申请材料清单": "Application Checklist", "常见问题解答": "Frequently Asked Questions", "操作手册": "Handbook",
    "政策解读": "Policy Explained", "会议纪要": "Minutes of a Meeting",
}  # fmt: skip
SENTENCES = (
    "材料齐全，符合要求。", "请在五个工作日内补正材料。", "办理很快，工作人员耐心。", "该事项已转交主管部门办理。",
    "系统自动生成的示例内容。", "用起来很顺手，推荐。", "包装有些破损，其他都好。", "下次还会再来。",
)  # fmt: skip
SENTENCES_EN = (
    "Everything is complete and in order.", "Please supplement the documents within five working days.",
    "Quick and friendly service.", "This matter was passed on to the department in charge.",
    "Sample text made by a mock.", "Works well, recommended.", "The package was damaged, the rest is fine.",
)  # fmt: skip
OFFICES = {
    "公安局": "Public Security Bureau", "民政局": "Civil Affairs Bureau", "财政局": "Finance Bureau",
    "交通运输局": "Transport Bureau", "市场监督管理局": "Market Regulation Bureau", "教育局": "Education Bureau",
    "人力资源和社会保障局": "Human Resources Bureau", "卫生健康委员会": "Health Commission",
}  # fmt: skip
_CODES = """
    110101 110104 110108 120101 120105 120112 120225 130104 130201 130205 130227 130303 130322 130402 130421
    130601 130621 130705 130802 130901 140101 140201 140212 140303 140401 140423 140427 140502 150101 150105
    150202 150206 150301 150401 150421 150424 150429 210104 210112 210201 210211 210302 210321 210404 210423
    210504 210522 210604 210703 210801 210901 210905 220101 220105 220203 220301 220323 220421 220523 220623
    230104 230203 230207 230224 230301 230305 230401 230405 230502 230506 230604 230702 230706 230710 230714
    230801 230811 230901 230921 310105 310109 320101 320105 320113 320201 320211 320305 320323 320404 320502
    320602 320701 320722 320811 320902 320924 330103 330122 330204 330225 330303 330327 330402 330424 330523
    330624 330726 330822 340102 340121 340202 340223 340304 340323 340404 340421 340504 340603 340702 340801
    350101 350105 350123 350201 350301 350401 350421 350426 350501 350525 350602 350625 350629 360104 360122
    360202 360313 360421 360425 360429 360601 370102 370124 370205 370303 370321 370404 370502 370523 370611
    370704 370802 370828 370911 410102 410106 410203 410221 410225 410304 410322 410402 410422 410503 410602
    410702 410721 410804 410901 410926 420103 420107 420113 420204 420303 420625 430101 430105 430124 430204
    430224 430304 430421 430424 430503 430601 430621 440105 440201 440224 440304 440501 440801 440811 440902
    450102 450201 450205 450302 450311 450403 450502 510121 510301 510311 510402 510421 510521 510601 510723
    510727 510822 510921 520103 520201 530103 530122 530127 610101 610111 610122 610201 610301 610323 610328
    610403 610425 610429 620104 620121 620302 620403 620501 620522 630101 630121 640201 650102 650106 650202
"""
REGION_CODES = tuple(_CODES.split())
"""Administrative divisions of GB/T 2260 that were in force from 1985 to today."""
COMMON_SURNAMES = (
    *"王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪"
    "田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文甄季云简明安乐",
    "欧阳", "上官", "司马", "诸葛", "皇甫", "令狐", "慕容", "尉迟",
)  # fmt: skip
"""Surnames by which a name of a person is told from other short words. Source: the ministry's yearly list."""
