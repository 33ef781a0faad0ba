<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>Other programs on this computer can use the model through OpenAI&apos;s API. They need the key, and nobody else is answered, unless you change that here.</source>
        <translation>本机上的其他程序可以通过 OpenAI 的 API 使用该模型。它们需要密钥，其他人一律不予应答，除非您在此更改。</translation>
    </message>
    <message>
        <source>Local API</source>
        <translation>本地 API</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>已关闭</translation>
    </message>
    <message>
        <source>Turning on. Your keyring may ask you to unlock it.</source>
        <translation>正在开启。系统密钥环可能会要求您解锁。</translation>
    </message>
    <message>
        <source>Turning off.</source>
        <translation>正在关闭。</translation>
    </message>
    <message>
        <source>On for the network</source>
        <translation>已对网络开启</translation>
    </message>
    <message>
        <source>On</source>
        <translation>已开启</translation>
    </message>
    <message>
        <source>On without a key</source>
        <translation>已开启，无需密钥</translation>
    </message>
    <message>
        <source>No requests so far</source>
        <translation>尚无请求</translation>
    </message>
    <message>
        <source>Requests so far: {count}</source>
        <translation>已处理请求：{count}</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>复制地址</translation>
    </message>
    <message>
        <source>Copy the key</source>
        <translation>复制密钥</translation>
    </message>
    <message>
        <source>Copy the {name} example with the key</source>
        <translation>复制带密钥的 {name} 示例</translation>
    </message>
    <message>
        <source>New key…</source>
        <translation>新密钥…</translation>
    </message>
    <message>
        <source>New key</source>
        <translation>新密钥</translation>
    </message>
    <message>
        <source>Open the web chat</source>
        <translation>打开网页聊天</translation>
    </message>
    <message>
        <source>Make a new key? Programs that use the old one will be refused.</source>
        <translation>要生成新密钥吗？使用旧密钥的程序将被拒绝。</translation>
    </message>
    <message>
        <source>Only this computer is answered</source>
        <translation>仅应答本机</translation>
    </message>
    <message>
        <source>Other machines here are answered too</source>
        <translation>同时应答此网络中的其他设备</translation>
    </message>
    <message>
        <source>Every program needs the key</source>
        <translation>每个程序都需要密钥</translation>
    </message>
    <message>
        <source>Any program on this computer is answered</source>
        <translation>应答此计算机上的任何程序</translation>
    </message>
    <message>
        <source>Turn off the network first</source>
        <translation>请先关闭网络访问</translation>
    </message>
    <message>
        <source>Not while programs need no key</source>
        <translation>程序无需密钥时不可用</translation>
    </message>
    <message>
        <source>Every program on this computer could use the model, and so could its other users. Web pages are still refused. Answer without a key?</source>
        <translation>此计算机上的所有程序以及其他用户都可以使用该模型。网页仍会被拒绝。要在没有密钥的情况下应答吗？</translation>
    </message>
    <message>
        <source>None. Let one in by its origin, such as https://app.example</source>
        <translation>无。可按来源放行某个网页，例如 https://app.example</translation>
    </message>
    <message>
        <source>None. For containers, such as host.docker.internal</source>
        <translation>无。用于容器，例如 host.docker.internal</translation>
    </message>
    <message>
        <source>Answer the network</source>
        <translation>应答网络请求</translation>
    </message>
    <message>
        <source>Answer without a key</source>
        <translation>无密钥应答</translation>
    </message>
    <message>
        <source>Web pages</source>
        <translation>网页</translation>
    </message>
    <message>
        <source>Host names</source>
        <translation>主机名</translation>
    </message>
    <message>
        <source>No key</source>
        <translation>无密钥</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Whoever has the key can ask at {network_url}. Nothing is encrypted there.</source>
        <translation>持有密钥者可通过 {network_url} 提问。该连接未加密。</translation>
    </message>
    <message>
        <source>The API could not be turned on: {error}.</source>
        <translation>无法开启 API：{error}。</translation>
    </message>
    <message>
        <source>{error} This key works until Hearth is closed.</source>
        <translation>{error} 此密钥在关闭 Hearth 之前有效。</translation>
    </message>
    <message>
        <source>Hearth cannot keep its files in {folder}: {reason}.</source>
        <translation>Hearth 无法将文件保存在 {folder}：{reason}。</translation>
    </message>
    <message>
        <source>The conversations are written anew…</source>
        <translation>正在重新写入对话…</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>移除 {name}</translation>
    </message>
    <message>
        <source>{name} is larger than {limit} MB.</source>
        <translation>{name} 超过 {limit} MB。</translation>
    </message>
    <message>
        <source>{name} cannot be read: {strerror}.</source>
        <translation>无法读取 {name}：{strerror}。</translation>
    </message>
    <message>
        <source>There is no text in {name}.</source>
        <translation>{name} 中没有文本。</translation>
    </message>
    <message>
        <source>{name} is no text: Hearth reads text, source code, CSV, PDF and DOCX.</source>
        <translation>{name} 不是文本：Hearth 可读取文本、源代码、CSV、PDF 和 DOCX。</translation>
    </message>
    <message>
        <source>{name} is in an encoding that Hearth does not know.</source>
        <translation>Hearth 无法识别 {name} 的字符编码。</translation>
    </message>
    <message>
        <source>{name} is locked with a password.</source>
        <translation>{name} 受密码保护。</translation>
    </message>
    <message>
        <source>{name} is damaged, or no PDF.</source>
        <translation>{name} 已损坏，或不是 PDF。</translation>
    </message>
    <message>
        <source>{name} holds pictures of pages only, which Hearth cannot read.</source>
        <translation>{name} 只包含页面图像，Hearth 无法读取。</translation>
    </message>
    <message>
        <source>{name} is damaged, or no Word document.</source>
        <translation>{name} 已损坏，或不是 Word 文档。</translation>
    </message>
    <message>
        <source>Answer: {told}</source>
        <translation>回答：{told}</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>{name} has {tokens} tokens, and the model reads {room} in all. Attach a part of it.</source>
        <translation>{name} 有 {tokens} 个词元，而模型总共只能读取 {room} 个。请只附上其中一部分。</translation>
    </message>
    <message>
        <source>Copy the question</source>
        <translation>复制问题</translation>
    </message>
    <message>
        <source>Copy the answer</source>
        <translation>复制回答</translation>
    </message>
    <message>
        <source>Edit the question</source>
        <translation>编辑问题</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>重新回答</translation>
    </message>
    <message>
        <source>The version before</source>
        <translation>上一个版本</translation>
    </message>
    <message>
        <source>Version {version} of {versions}</source>
        <translation>第 {version} 个版本，共 {versions} 个</translation>
    </message>
    <message>
        <source>The version after</source>
        <translation>下一个版本</translation>
    </message>
    <message>
        <source>Copy the code</source>
        <translation>复制代码</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Return sends, Shift and Return break the line.</source>
        <translation>按回车发送，Shift+回车换行。</translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>想问什么都可以</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Answer now</source>
        <translation>立即回答</translation>
    </message>
    <message>
        <source>Let the model end its thoughts and answer</source>
        <translation>让模型结束思考并作答</translation>
    </message>
    <message>
        <source>Attach a file</source>
        <translation>附加文件</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>This conversation fills {share} of what the model can read. When it is full, the oldest messages are left out, and a line will say from where on.</source>
        <translation>此对话已占用模型可读取内容的 {share}。占满后，最早的消息将不再读取，并会有一行说明从何处起。</translation>
    </message>
    <message>
        <source>The answer is there.</source>
        <translation>回答已完成。</translation>
    </message>
    <message>
        <source>Answering…</source>
        <translation>正在回答…</translation>
    </message>
    <message>
        <source>{tokens} a second</source>
        <translation>每秒 {tokens} 个</translation>
    </message>
    <message>
        <source>the first after {seconds} s</source>
        <translation>首个用时 {seconds} 秒</translation>
    </message>
    <message>
        <source>{tokens} tokens of thought</source>
        <translation>思考 {tokens} 个词元</translation>
    </message>
    <message>
        <source>{tokens} of answer</source>
        <translation>回答 {tokens} 个</translation>
    </message>
    <message>
        <source>{tokens} tokens</source>
        <translation>{tokens} 个词元</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>打开链接</translation>
    </message>
    <message>
        <source>Open this link outside Hearth?</source>
        <translation>要在 Hearth 之外打开此链接吗？</translation>
    </message>
    <message>
        <source>Think briefly</source>
        <translation>简短思考</translation>
    </message>
    <message>
        <source>Think</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>Think long</source>
        <translation>深入思考</translation>
    </message>
    <message>
        <source>How to answer</source>
        <translation>回答方式</translation>
    </message>
    <message>
        <source>Instructions and sampling…</source>
        <translation>指令与采样…</translation>
    </message>
    <message>
        <source>Tools: a calculator and the clock, for models that think</source>
        <translation>工具：计算器和时钟，适用于会思考的模型</translation>
    </message>
    <message>
        <source>with instructions</source>
        <translation>含指令</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>指令</translation>
    </message>
    <message>
        <source>For example: Answer in short sentences, in German.</source>
        <translation>例如：用简短的中文句子回答。</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>What the model is told before this conversation.</source>
        <translation>在此对话之前告诉模型的内容。</translation>
    </message>
    <message>
        <source>Sampling</source>
        <translation>采样</translation>
    </message>
    <message>
        <source>Left alone, the model&apos;s own: what its makers recommend.</source>
        <translation>不设置时使用模型制作者推荐的值。</translation>
    </message>
    <message>
        <source>{name}, the value</source>
        <translation>{name}的值</translation>
    </message>
    <message>
        <source>Find a model that fits this machine</source>
        <translation>查找适合本机的模型</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Cancel editing</source>
        <translation>取消编辑</translation>
    </message>
    <message>
        <source>You are editing an earlier question. What followed it is kept.</source>
        <translation>您正在编辑之前的问题。其后的内容会保留。</translation>
    </message>
    <message>
        <source>What is on your mind?</source>
        <translation>您在想什么？</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete the preset</source>
        <translation>删除预设</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Save as a preset</source>
        <translation>保存为预设</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Its name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>正在思考…</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>思考内容</translation>
    </message>
    <message>
        <source>Thought for a moment</source>
        <translation>思考了片刻</translation>
    </message>
    <message>
        <source>Thought for {minutes} min {seconds} s</source>
        <translation>思考了 {minutes} 分 {seconds} 秒</translation>
    </message>
    <message>
        <source>Thought for {seconds} s</source>
        <translation>思考了 {seconds} 秒</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Show {count} earlier messages</source>
        <translation>显示更早的 {count} 条消息</translation>
    </message>
    <message>
        <source>Waiting for the model, which is loading…</source>
        <translation>正在等待模型加载…</translation>
    </message>
    <message>
        <source>Waiting for the model…</source>
        <translation>正在等待模型…</translation>
    </message>
    <message>
        <source>Reading the conversation…</source>
        <translation>正在读取对话…</translation>
    </message>
    <message>
        <source>Reading the conversation, {done} of {total} tokens…</source>
        <translation>正在读取对话，{done} / {total} 个词元…</translation>
    </message>
    <message>
        <source>You stopped this answer.</source>
        <translation>您停止了此回答。</translation>
    </message>
    <message>
        <source>The answer ends here because the model&apos;s context is full. Go on, and the oldest messages are left out, or start a new chat.</source>
        <translation>由于模型的上下文已满，回答在此结束。您可以继续，最早的消息将不再读取；也可以新建聊天。</translation>
    </message>
    <message>
        <source>The answer was stopped because it repeated itself.</source>
        <translation>此回答不断重复自身内容，因此已被停止。</translation>
    </message>
    <message>
        <source>Hearth was closed before this answer was finished.</source>
        <translation>此回答完成前 Hearth 已关闭。</translation>
    </message>
    <message>
        <source>The model no longer reads what is above this line: its context is full.</source>
        <translation>模型不再读取此行以上的内容：其上下文已满。</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>在本机上</translation>
    </message>
    <message>
        <source>On other machines: what you write leaves this computer</source>
        <translation>在其他设备上：您写的内容会离开本机</translation>
    </message>
    <message>
        <source>No model is installed</source>
        <translation>未安装模型</translation>
    </message>
    <message>
        <source>Get and manage models…</source>
        <translation>获取和管理模型…</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Loading {name}…</source>
        <translation>正在加载 {name}…</translation>
    </message>
    <message>
        <source>Model: {text}</source>
        <translation>模型：{text}</translation>
    </message>
    <message>
        <source>Choose a model ({shortcut})</source>
        <translation>选择模型（{shortcut}）</translation>
    </message>
    <message>
        <source>{name}, on {host}</source>
        <translation>{name}，位于 {host}</translation>
    </message>
    <message>
        <source>{name}, {gigabytes} GB</source>
        <translation>{name}，{gigabytes} GB</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>To</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>For</source>
        <translation>用途</translation>
    </message>
    <message>
        <source>Hearth connects to another machine only when you ask it to: to get a model, or to ask one that runs elsewhere. Each time is written down here before it happens. Offline, none happens.</source>
        <translation>只有在您要求时，Hearth 才会连接其他机器：获取模型，或向在别处运行的模型提问。每次连接发生之前都会记录在此。离线时不会有任何连接。</translation>
    </message>
    <message>
        <source>No connection was ever made.</source>
        <translation>从未建立过连接。</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>离线</translation>
    </message>
    <message>
        <source>Connections, the newest first</source>
        <translation>连接，最新的在前</translation>
    </message>
    <message>
        <source>Copy all</source>
        <translation>全部复制</translation>
    </message>
    <message>
        <source>{count} in all</source>
        <translation>共 {count} 条</translation>
    </message>
    <message>
        <source>The conversations cannot be read or written: {error}.</source>
        <translation>无法读取或写入对话：{error}。</translation>
    </message>
    <message>
        <source>You</source>
        <translation>您</translation>
    </message>
    <message>
        <source>Assistant</source>
        <translation>助手</translation>
    </message>
    <message>
        <source>{name} holds no conversations that Hearth can read: it takes its own JSON, and the conversations.json of a ChatGPT export.</source>
        <translation>{name} 中没有 Hearth 能读取的对话：可导入 Hearth 自己的 JSON 以及 ChatGPT 导出的 conversations.json。</translation>
    </message>
    <message>
        <source>Attached: {name}</source>
        <translation>附件：{name}</translation>
    </message>
    <message>
        <source>This file was written by a newer version of Hearth.</source>
        <translation>此文件由更新版本的 Hearth 写入。</translation>
    </message>
    <message>
        <source>{path} cannot be written: {strerror}.</source>
        <translation>无法写入 {path}：{strerror}。</translation>
    </message>
    <message>
        <source>Exported to {path}.</source>
        <translation>已导出到 {path}。</translation>
    </message>
    <message>
        <source>Export the conversation</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>Exported to {path}: {count}.</source>
        <translation>已导出到 {path}：{count}。</translation>
    </message>
    <message>
        <source>Export all conversations</source>
        <translation>导出所有对话</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>导入对话</translation>
    </message>
    <message>
        <source>Imported from {name}: {count}.</source>
        <translation>已从 {name} 导入：{count}。</translation>
    </message>
    <message>
        <source>one conversation</source>
        <translation>1 个对话</translation>
    </message>
    <message>
        <source>{count} conversations</source>
        <translation>{count} 个对话</translation>
    </message>
    <message>
        <source>Your conversations were written by a newer version of Hearth. Install that version to open them.</source>
        <translation>您的对话由更新版本的 Hearth 写入。请安装该版本以打开它们。</translation>
    </message>
    <message>
        <source>No conversation has these words.</source>
        <translation>没有对话包含这些词。</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>对话列表</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消置顶</translation>
    </message>
    <message>
        <source>Pin to the top</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>As Markdown…</source>
        <translation>为 Markdown…</translation>
    </message>
    <message>
        <source>As JSON…</source>
        <translation>为 JSON…</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Undo the deletion</source>
        <translation>撤销删除</translation>
    </message>
    <message>
        <source>Deleted “{title}”</source>
        <translation>已删除“{title}”</translation>
    </message>
    <message>
        <source>Search the conversations</source>
        <translation>搜索对话</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>清除搜索</translation>
    </message>
    <message>
        <source>More about conversations</source>
        <translation>更多对话操作</translation>
    </message>
    <message>
        <source>Import conversations…</source>
        <translation>导入对话…</translation>
    </message>
    <message>
        <source>Export all…</source>
        <translation>全部导出…</translation>
    </message>
    <message>
        <source>{name} · {tokens} tokens</source>
        <translation>{name} · {tokens} 个词元</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>偏好设置</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Give its memory back</source>
        <translation>释放内存</translation>
    </message>
    <message>
        <source>Titles by the model</source>
        <translation>由模型命名</translation>
    </message>
    <message>
        <source>gpt-oss names a new conversation after its first answer, while nobody asks.</source>
        <translation>gpt-oss 会在首次回答后的空闲时间为新对话命名。</translation>
    </message>
    <message>
        <source>Turn it on whenever Hearth starts.</source>
        <translation>每次启动 Hearth 时开启。</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>窗口</translation>
    </message>
    <message>
        <source>Stay in the tray</source>
        <translation>保留在托盘</translation>
    </message>
    <message>
        <source>Closing the window leaves Hearth running, so that the API goes on answering.</source>
        <translation>关闭窗口后 Hearth 继续运行，API 保持可用。</translation>
    </message>
    <message>
        <source>This desktop has no tray.</source>
        <translation>此桌面没有托盘。</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>When a model has arrived, or a long answer, while you look elsewhere.</source>
        <translation>当您查看别处时，模型已就绪或长回答已完成会通知您。</translation>
    </message>
    <message>
        <source>Encrypt them on the disk</source>
        <translation>在磁盘上加密</translation>
    </message>
    <message>
        <source>With a key in your keyring. Their titles, texts and attachments.</source>
        <translation>密钥保存在您的密钥环中。包括标题、正文和附件。</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>After {minutes} minutes at rest</source>
        <translation>空闲 {minutes} 分钟后</translation>
    </message>
    <message>
        <source>Something went wrong inside Hearth: {what}. The details are in {log_file}.</source>
        <translation>Hearth 内部出错：{what}。详情见 {log_file}。</translation>
    </message>
    <message>
        <source>This is what Hearth knows about it. It stays on this computer; if you ask for help, you may copy it. It holds the names of files and folders, and none of your conversations.</source>
        <translation>这是 Hearth 所知的情况，仅保留在本机；求助时您可以复制它。其中包含文件和文件夹的名称，不含您的任何对话。</translation>
    </message>
    <message>
        <source>What went wrong</source>
        <translation>出了什么问题</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Hearth ended unexpectedly the last time. What you saw is kept.</source>
        <translation>Hearth 上次意外退出。您看到的内容都已保留。</translation>
    </message>
    <message>
        <source>An answer is on its way. Wait for it or stop it, and then choose again.</source>
        <translation>有回答正在生成。请等待其完成或停止它，然后再选择。</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>The model is loading. You can write already.</source>
        <translation>模型正在加载。您可以先输入。</translation>
    </message>
    <message>
        <source>The model could not be loaded. {error}</source>
        <translation>无法加载模型。{error}</translation>
    </message>
    <message>
        <source>{name} answers on this computer. Nothing you write leaves it.</source>
        <translation>{name} 在本机上回答。您写的任何内容都不会离开本机。</translation>
    </message>
    <message>
        <source>{model} answers on {device}. What you write leaves this computer.</source>
        <translation>{model} 在 {device} 上回答。您写的内容会离开本机。</translation>
    </message>
    <message>
        <source>There is no model yet. “Choose a model” above gets OpenAI&apos;s; “make run” in a terminal fetches the small starter. A model of your own is a folder in ONNX Runtime GenAI&apos;s layout (genai_config.json, model.onnx, tokenizer.json) inside {models}.</source>
        <translation>还没有模型。上方的“选择模型”可获取 OpenAI 的模型；在终端运行 make run 可获取小型入门模型。您自己的模型是位于 {models} 中、采用 ONNX Runtime GenAI 布局的文件夹（genai_config.json、model.onnx、tokenizer.json）。</translation>
    </message>
    <message>
        <source>Local API is on</source>
        <translation>本地 API 已开启</translation>
    </message>
    <message>
        <source>Connections: offline</source>
        <translation>连接：离线</translation>
    </message>
    <message>
        <source>New chat (Ctrl+N)</source>
        <translation>新建聊天（Ctrl+N）</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新建聊天</translation>
    </message>
    <message>
        <source>Preferences (Ctrl+,)</source>
        <translation>偏好设置（Ctrl+,）</translation>
    </message>
    <message>
        <source>{share} of the context used</source>
        <translation>已使用 {share} 的上下文</translation>
    </message>
    <message>
        <source>{model} rests; your next question wakes it.</source>
        <translation>{model} 正在休息；您的下一个问题会唤醒它。</translation>
    </message>
    <message>
        <source>{model} on {device}: {reason}</source>
        <translation>{model} 运行于{device}：{reason}</translation>
    </message>
    <message>
        <source>Loading {model_id}…</source>
        <translation>正在加载 {model_id}…</translation>
    </message>
    <message>
        <source>the CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>the NVIDIA GPU</source>
        <translation>NVIDIA GPU</translation>
    </message>
    <message>
        <source>it was converted for it.</source>
        <translation>模型是为其转换的。</translation>
    </message>
    <message>
        <source>you have chosen it.</source>
        <translation>这是您选择的。</translation>
    </message>
    <message>
        <source>No model is loaded.</source>
        <translation>未加载模型。</translation>
    </message>
    <message>
        <source>Everybody in this network who has the key could ask, and whoever listens in the network could read the key and all that is said: nothing is encrypted. Answer the network all the same?</source>
        <translation>此网络中任何持有密钥的人都可以提问；监听网络的人可以读到密钥和所有内容：一切均未加密。仍要应答网络请求吗？</translation>
    </message>
    <message>
        <source>It takes {need} of memory, and there are {has}.</source>
        <translation>需要 {need} 内存，现有 {has}。</translation>
    </message>
    <message>
        <source>It takes {need} of memory on {chip}, and there are {has}.</source>
        <translation>在 {chip} 上需要 {need} 显存，现有 {has}。</translation>
    </message>
    <message>
        <source>It takes {need} of memory on {chip}, which may take {has} of the computer&apos;s.</source>
        <translation>在 {chip} 上需要 {need} 内存，它最多可使用电脑的 {has}。</translation>
    </message>
    <message>
        <source>It takes {need} of an NVIDIA GPU&apos;s memory, and there is none.</source>
        <translation>需要 {need} 的 NVIDIA GPU 显存，但没有该设备。</translation>
    </message>
    <message>
        <source>Getting it takes {need} of disk, and {has} are free.</source>
        <translation>获取它需要 {need} 磁盘空间，剩余 {has}。</translation>
    </message>
    <message>
        <source>{tokens} tokens of context used</source>
        <translation>已使用 {tokens} 个词元的上下文</translation>
    </message>
    <message>
        <source>{speed} tokens per second · {context}</source>
        <translation>每秒 {speed} 个词元 · {context}</translation>
    </message>
    <message>
        <source>{tokens} of {length} tokens of context used</source>
        <translation>上下文已用 {tokens} / {length} 个词元</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭提示</translation>
    </message>
    <message>
        <source>Show Hearth</source>
        <translation>显示 Hearth</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Another program has the conversations open.</source>
        <translation>另一个程序正在使用这些对话。</translation>
    </message>
    <message>
        <source>The new file of conversations is not as the old one.</source>
        <translation>新的对话文件与旧的不一致。</translation>
    </message>
    <message>
        <source>The conversations are as they were: {error}.</source>
        <translation>对话保持原样：{error}。</translation>
    </message>
    <message>
        <source>Encrypt all conversations? Their key is kept in your keyring. Who takes the disk, a copy or a backup of it reads nothing; who uses your computer while you are logged in does. What was written until now may linger in free parts of the disk and in old backups. The window closes for a moment.</source>
        <translation>要加密所有对话吗？密钥保存在您的密钥环中。取走磁盘、其副本或备份的人无法读取；但在您登录期间使用您电脑的人可以读取。此前写入的内容可能仍残留在磁盘空闲区域和旧备份中。窗口会短暂关闭。</translation>
    </message>
    <message>
        <source>Store all conversations without encryption again? Whoever can read your disk can then read them. The window closes for a moment.</source>
        <translation>要恢复为不加密存储吗？此后能读取您磁盘的人就能读取这些对话。窗口会短暂关闭。</translation>
    </message>
    <message>
        <source>If your keyring is ever lost, only this key opens your conversations. Keep it where you keep passwords; Hearth does not show it again.</source>
        <translation>如果密钥环丢失，只有此密钥能打开您的对话。请将它与密码一起妥善保存；Hearth 不会再次显示。</translation>
    </message>
    <message>
        <source>Your conversations are encrypted, or their file is damaged, and their key is not in your keyring. Enter the key that you kept when you encrypted them.</source>
        <translation>您的对话已加密，或其文件已损坏，而密钥不在您的密钥环中。请输入您在加密时保存的密钥。</translation>
    </message>
    <message>
        <source>This key does not open them.</source>
        <translation>此密钥无法打开它们。</translation>
    </message>
    <message>
        <source>Your key</source>
        <translation>您的密钥</translation>
    </message>
    <message>
        <source>Your conversations are encrypted</source>
        <translation>您的对话已加密</translation>
    </message>
    <message>
        <source>I have kept it</source>
        <translation>我已保存</translation>
    </message>
    <message>
        <source>It runs on {device}: {reason}</source>
        <translation>运行于{device}：{reason}</translation>
    </message>
    <message>
        <source>Use {name} where it is, or copy it to the other models? A copy can be checked later.</source>
        <translation>在原处使用 {name}，还是复制到其他模型处？副本以后可以校验。</translation>
    </message>
    <message>
        <source>{name} holds weights that must be converted before they can run here. That takes a while and as much disk as they do; they stay as they are. Convert them?</source>
        <translation>{name} 中的权重需要先转换才能在此运行。这需要一些时间和与其相当的磁盘空间；原文件保持不变。要转换吗？</translation>
    </message>
    <message>
        <source>Add a model</source>
        <translation>添加模型</translation>
    </message>
    <message>
        <source>Convert</source>
        <translation>转换</translation>
    </message>
    <message>
        <source>Use it there</source>
        <translation>在原处使用</translation>
    </message>
    <message>
        <source>Copy it</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Models are fetched once, checked byte for byte, and then run without a network. What is interrupted goes on where it was, after a restart too.</source>
        <translation>模型只需获取一次并逐字节校验，之后无需网络即可运行。中断后会从断点继续，重启后也是如此。</translation>
    </message>
    <message>
        <source>A model is on its way or being worked on. Wait for it, or give it up first.</source>
        <translation>有模型正在获取或处理中。请等待其完成，或先放弃。</translation>
    </message>
    <message>
        <source>At work</source>
        <translation>处理中</translation>
    </message>
    <message>
        <source>On the way</source>
        <translation>获取中</translation>
    </message>
    <message>
        <source>To be had</source>
        <translation>可获取</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>修复</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>校验</translation>
    </message>
    <message>
        <source>answers now</source>
        <translation>正在使用</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Give up</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>Get</source>
        <translation>获取</translation>
    </message>
    <message>
        <source>{name}: {verdict} Get it all the same?</source>
        <translation>{name}：{verdict} 仍要获取吗？</translation>
    </message>
    <message>
        <source>Delete {name}? It can be fetched again.</source>
        <translation>要删除 {name} 吗？以后可以重新获取。</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>添加文件夹…</translation>
    </message>
    <message>
        <source>Add a model from a folder</source>
        <translation>从文件夹添加模型</translation>
    </message>
    <message>
        <source>Models are kept in {folder}</source>
        <translation>模型保存在 {folder}</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>更改…</translation>
    </message>
    <message>
        <source>Change where models are kept</source>
        <translation>更改模型保存位置</translation>
    </message>
    <message>
        <source>Where models are kept</source>
        <translation>模型保存位置</translation>
    </message>
    <message>
        <source>{folder} cannot be written.</source>
        <translation>无法写入 {folder}。</translation>
    </message>
    <message>
        <source>Progress of {name}</source>
        <translation>{name} 的进度</translation>
    </message>
    <message>
        <source>{name} is listed no more. Its folder stays: {path}.</source>
        <translation>{name} 已从列表移除。其文件夹保留：{path}。</translation>
    </message>
    <message>
        <source>{name} is deleted: {gigabytes} GB are free again.</source>
        <translation>已删除 {name}：释放了 {gigabytes} GB。</translation>
    </message>
    <message>
        <source>{name} is given up: {gigabytes} GB are free again.</source>
        <translation>已放弃 {name}：释放了 {gigabytes} GB。</translation>
    </message>
    <message>
        <source>{name} is gone already.</source>
        <translation>{name} 已不存在。</translation>
    </message>
    <message>
        <source>Models could not be got: {error}.</source>
        <translation>无法获取模型：{error}。</translation>
    </message>
    <message>
        <source>{name} is ready. Choose it above the chat.</source>
        <translation>{name} 已就绪。请在聊天上方选择它。</translation>
    </message>
    <message>
        <source>Checking {name}</source>
        <translation>正在校验 {name}</translation>
    </message>
    <message>
        <source>Repairing {name}</source>
        <translation>正在修复 {name}</translation>
    </message>
    <message>
        <source>Adding {name}</source>
        <translation>正在添加 {name}</translation>
    </message>
    <message>
        <source>One thing after the other: {title} comes first.</source>
        <translation>请逐个进行：{title}。</translation>
    </message>
    <message>
        <source>{title}: cancelled.</source>
        <translation>{title}：已取消。</translation>
    </message>
    <message>
        <source>{title} failed: {error}.</source>
        <translation>{title}失败：{error}。</translation>
    </message>
    <message>
        <source>{name} is damaged: {files}.</source>
        <translation>{name} 已损坏：{files}。</translation>
    </message>
    <message>
        <source>{name} is whole: every byte is as it should be.</source>
        <translation>{name} 完好：每个字节都正确。</translation>
    </message>
    <message>
        <source>{name} is whole again.</source>
        <translation>{name} 已修复完好。</translation>
    </message>
    <message>
        <source>Fits on {device}</source>
        <translation>适合{device}</translation>
    </message>
    <message>
        <source>Tight on {device}</source>
        <translation>在{device}上较紧张</translation>
    </message>
    <message>
        <source>Will not fit on {device}</source>
        <translation>{device}容纳不下</translation>
    </message>
    <message>
        <source>the graphics chip</source>
        <translation>图形芯片</translation>
    </message>
    <message>
        <source>Fetching</source>
        <translation>获取中</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>转换中</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>校验中</translation>
    </message>
    <message>
        <source>Copying</source>
        <translation>复制中</translation>
    </message>
    <message>
        <source>{tokens} tokens of context</source>
        <translation>{tokens} 个词元的上下文</translation>
    </message>
    <message>
        <source>{tokens} tokens a second here</source>
        <translation>在此每秒 {tokens} 个词元</translation>
    </message>
    <message>
        <source>size not known before</source>
        <translation>大小事先未知</translation>
    </message>
    <message>
        <source>from {repo}</source>
        <translation>来自 {repo}</translation>
    </message>
    <message>
        <source>about {tokens} tokens a second</source>
        <translation>每秒约 {tokens} 个词元</translation>
    </message>
    <message>
        <source>Paused; what has arrived is kept.</source>
        <translation>已暂停；已获取的部分会保留。</translation>
    </message>
    <message>
        <source>Waits for its turn.</source>
        <translation>正在排队。</translation>
    </message>
    <message>
        <source>{stage}: {done} of {total}</source>
        <translation>{stage}：{done} / {total}</translation>
    </message>
    <message>
        <source>{megabytes} MB a second</source>
        <translation>每秒 {megabytes} MB</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>剩余 {time}</translation>
    </message>
    <message>
        <source>less than a minute</source>
        <translation>不到一分钟</translation>
    </message>
    <message>
        <source>a minute</source>
        <translation>一分钟</translation>
    </message>
    <message>
        <source>{minutes} minutes</source>
        <translation>{minutes} 分钟</translation>
    </message>
    <message>
        <source>The conversations cannot be read: their file is encrypted, or damaged. {error}</source>
        <translation>无法读取对话：其文件已加密或损坏。{error}</translation>
    </message>
    <message>
        <source>OpenAI&apos;s open models on your own machine. Nothing you write leaves it.</source>
        <translation>在您自己的电脑上运行 OpenAI 的开放模型。您写的内容不会离开这台电脑。</translation>
    </message>
    <message>
        <source>Hearth is free software under the Apache License 2.0. It uses Qt through PySide6, under the GNU Lesser General Public License, version 3: its libraries can be replaced.</source>
        <translation>Hearth 是采用 Apache License 2.0 的自由软件。它通过 PySide6 使用 Qt，后者采用 GNU 宽通用公共许可证第 3 版：其程序库可以替换。</translation>
    </message>
    <message>
        <source>Hearth never looks for a newer version by itself.</source>
        <translation>Hearth 从不自行查找新版本。</translation>
    </message>
    <message>
        <source>The makers of this build named no place where newer ones are published.</source>
        <translation>此版本的制作者没有指定新版本的发布位置。</translation>
    </message>
    <message>
        <source>What is inside Hearth, and under which terms you have it.</source>
        <translation>Hearth 中包含的内容及其许可条款。</translation>
    </message>
    <message>
        <source>About Hearth</source>
        <translation>关于 Hearth</translation>
    </message>
    <message>
        <source>Check for updates</source>
        <translation>检查更新</translation>
    </message>
    <message>
        <source>Open its page</source>
        <translation>打开其页面</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>版本 {version}</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Asked {host}.</source>
        <translation>已询问 {host}。</translation>
    </message>
    <message>
        <source>Version {version} has been published.</source>
        <translation>版本 {version} 已发布。</translation>
    </message>
    <message>
        <source>This is the newest version.</source>
        <translation>这已是最新版本。</translation>
    </message>
</context>
</TS>
