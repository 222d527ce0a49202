// What the playground says, in the browser's language: Chinese where that comes first, else English.
import { parse } from "graphql";

const WORDS = {
  token: ["Token", "令牌"],
  use: ["Use", "使用"],
  signedIn: ["asking with this token", "正以此令牌访问"],
  signedOut: ["paste a token first: stockbook token", "请先粘贴令牌：stockbook token"],
  examples: ["Examples", "示例"],
  examplesHint: [
    "The registered documents. Choose one, fill in its variables, run it with Ctrl-Enter.",
    "已登记的查询。选择一个，填写变量，按 Ctrl-Enter 运行。",
  ],
  noExamples: ["No documents are registered here.", "这里还没有登记的查询。"],
};

const CHINESE = navigator.language.toLowerCase().startsWith("zh");
if (CHINESE) document.documentElement.lang = "zh-CN";

export function say(name) {
  return WORDS[name][CHINESE ? 1 : 0];
}

const GREETING = CHINESE
  ? `# 一张图上的全部库存；
# 按您的权利与角色显示。
#
# Ctrl-Enter 运行 · Ctrl-Space 补全
# 订阅持续推送，直到您停止。`
  : `# One graph of everybody's stock:
# you see what your rights
# and roles disclose.
#
# Ctrl-Enter runs
# Ctrl-Space completes
# Subscriptions stay open
# until you stop them.`;

export const WELCOME = `${GREETING}

query Me {
  me {
    organisation { id name }
    principal { id name }
  }
}
`;

function operation(text) {
  try {
    return parse(text).definitions.find((each) => each.kind === "OperationDefinition");
  } catch {
    return undefined;
  }
}

export function nameOf(text) {
  return operation(text)?.name?.value ?? "…";
}

export function kindOf(text) {
  return operation(text)?.operation ?? "query";
}

// The variables of a document, with nothing in them yet.
export function skeleton(text) {
  const asked = operation(text)?.variableDefinitions ?? [];
  if (!asked.length) return "";
  return JSON.stringify(Object.fromEntries(asked.map((each) => [each.variable.name.value, blank(each.type)])), null, 2);
}

function blank(type) {
  if (type.kind !== "NonNullType") return null;
  if (type.type.kind === "ListType") return [];
  return { Int: 1, Boolean: true }[type.type.name.value] ?? "";
}
