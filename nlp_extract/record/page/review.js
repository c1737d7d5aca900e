"use strict";
// The server's page: an article goes in, its record comes back as panes, and can be corrected and saved.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const choices = JSON.parse(one(".page").dataset.choices);
  const polarity = { 1: "正面", "-1": "负面" };

  // What can be corrected, list by list. Kinds of fields: `span` is the item's own place, `near` a span close to it
  // (`near!` must be given), `date` and `word` are free, an object is a choice.
  const LISTS = {
    times: { name: "1 时间", fields: { text: ["文字", "span"], value_start: ["开始", "date"], value_end: ["结束", "date"], statement: ["说明", "near"] }, fresh: { grain: "day", kind: "fuzzy" } },
    places: { name: "2 地点", fields: { text: ["文字", "span"], role: ["角色", choices.place] }, fresh: { role: "involved" }, named: true },
    industries: { name: "3 行业", fields: { code: ["代码（GB/T 4754，两位）", "word"], name: ["名称", "word"] }, fresh: { code: "", name: "", section: "", score: 1 }, bare: true },
    subjects: { name: "4 事件主体", fields: { text: ["文字", "span"], type: ["类型", choices.participant], affiliation: ["所属机构", "near"], title: ["职务", "near"] }, fresh: { type: "ORG" }, named: true },
    objects: { name: "5 事件客体", fields: { text: ["文字", "span"], type: ["类型", choices.participant], affiliation: ["所属机构", "near"], title: ["职务", "near"] }, fresh: { type: "OTHER" }, named: true },
    actions: { name: "6 主体行为", fields: { text: ["分句", "span"], subject: ["主体", "near"], predicate: ["行为", "near!"], object: ["客体", "near"], modality: ["情态", choices.modality] }, fresh: { modality: "fact", predicate: null } },
    reactions: { name: "7 客体反应/市场情况", fields: { text: ["文字", "span"], holder: ["谁的反应", "near"] }, fresh: {} },
    policies: { name: "8 政策法案条款", fields: { text: ["文字", "span"], kind: ["类别", choices.policy], issuer: ["发布方", "near"], number: ["文号", "near"], statement: ["内容", "near"] }, fresh: { kind: "other" }, named: true },
    sentiment: { name: "9 情感倾向", fields: { label: ["倾向", choices.sentiment], strength: ["强度", choices.strength] } },
    "sentiment.evidence": { name: "9 情感依据", fields: { text: ["文字", "span"], polarity: ["倾向", polarity] }, fresh: { polarity: 1 } },
    scopes: { name: "10 影响范围", fields: { text: ["文字", "span"], level: ["层面", choices.level] }, fresh: { level: "industry" } },
    "outlook.positive": { name: "11 正面影响", fields: { text: ["文字", "span"] }, fresh: {} },
    "outlook.negative": { name: "11 负面影响", fields: { text: ["文字", "span"] }, fresh: {} },
    "details.figures": { name: "12 关键数据", fields: { text: ["数值", "span"], metric: ["指标", "near"], change: ["变化", "near"], period: ["时期", "near"] }, fresh: {} },
    "details.opinions": { name: "12 专家观点", fields: { text: ["句子", "span"], speaker: ["发言者", "near"], content: ["观点", "near!"] }, fresh: { content: null } },
    "details.measures": { name: "12 具体做法", fields: { text: ["文字", "span"] }, fresh: {} },
    "details.challenges": { name: "12 挑战", fields: { text: ["文字", "span"] }, fresh: {} },
    entities: { name: "实体", fields: { text: ["文字", "span"], type: ["类型", choices.entity] }, fresh: { type: "ORG" }, named: true },
  };

  let article = null; // as POST /extract takes it
  let points = []; // its code points: offsets count them
  let record = null;
  let accepted = new Set();
  let history = [];
  let reviewing = false;
  let unsaved = false;
  let place = null; // what is selected in the article

  const state = (text, wrong = false) => {
    one("#state").textContent = text;
    one("#state").classList.toggle("wrong", wrong);
  };

  async function ask(path, body) {
    const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const answer = await response.json().catch(() => ({ detail: response.statusText }));
    if (response.ok) return answer;
    const detail = answer.detail;
    throw new Error(Array.isArray(detail) ? detail.map((d) => `${d.loc.join(".")}: ${d.msg}`).join("; ") : String(detail));
  }

  async function attempt(work) {
    try {
      return await work();
    } catch (error) {
      state(error.message, true);
      return null;
    }
  }

  async function busy(button, work) {
    button.disabled = true;
    const answer = await attempt(work);
    button.disabled = false;
    return answer;
  }

  // Showing a record

  function show(answer) {
    const tops = all("#result .pane").map((pane) => pane.scrollTop);
    const folded = all("#result details.section").map((section) => section.open);
    record = answer.record;
    // The server made this from text alone; every text in it is escaped, and the policy lets no script of it run.
    one("#result").innerHTML = answer.html;
    all("#result .pane").forEach((pane, i) => { pane.scrollTop = tops[i] ?? 0; });
    all("#result details.section").forEach((section, i) => { section.open = folded[i] ?? section.open; });
    nlpExtract.release();
    nlpExtract.filter();
    decorate();
  }

  async function extract(limit) {
    state("提取中…");
    const answer = await ask("page", { article: { ...article, max_items: limit } });
    points = Array.from(article.title ? `${article.title}\n${article.text}` : article.text);
    accepted = new Set();
    history = [];
    unsaved = false;
    mode(true);
    show(answer);
    state("");
    return answer;
  }

  function mode(result) {
    one("#write").hidden = result;
    one("#result").hidden = !result;
    one("#review").hidden = !result;
    if (!result) review(false);
  }

  function review(on) {
    reviewing = on;
    one("#review").setAttribute("aria-pressed", String(on));
    for (const button of all(".reviewing")) button.hidden = !on;
    one(".float")?.remove();
    decorate();
  }

  // Items of the record, by the path that is on their entry

  const locate = (path) => path.split(".").reduce((value, key) => value?.[key], record);
  const listOf = (path) => (path in LISTS ? path : path.replace(/\.\d+$/, ""));
  const keyOf = (path) => `${listOf(path)} ${JSON.stringify(locate(path))}`;

  function decorate() {
    for (const old of all(".acts")) old.remove();
    const entries = all("#result .item[data-path]");
    for (const entry of entries) {
      const path = entry.dataset.path;
      const done = accepted.has(keyOf(path));
      entry.classList.toggle("accepted", reviewing && done);
      if (!reviewing) continue;
      const acts = document.createElement("span");
      acts.className = "acts";
      for (const [act, sign, name] of [["accept", "✓", "接受"], ["edit", "改", "更正"], ["delete", "删", "删除"]]) {
        if (act === "delete" && path === "sentiment") continue;
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.act = act;
        button.textContent = sign;
        button.title = name;
        button.setAttribute("aria-label", `${name}：${entry.textContent.trim().slice(0, 24)}`);
        if (act === "accept") button.setAttribute("aria-pressed", String(done));
        acts.append(button);
      }
      if (entry.tagName === "TR") entry.firstElementChild.append(acts);
      else entry.prepend(acts);
    }
    if (reviewing) state(progress());
    one("#undo").disabled = !history.length;
  }

  function progress() {
    const paths = all("#result .item[data-path]").map((entry) => entry.dataset.path);
    return `已接受 ${paths.filter((path) => accepted.has(keyOf(path))).length} / ${paths.length}`;
  }

  function remember() {
    history.push(JSON.stringify({ record, accepted: [...accepted] }));
    unsaved = true;
  }

  // Paths count places in lists: until the new panes are here, nothing may be clicked, and the focus comes back after.
  async function redraw() {
    const held = document.activeElement?.closest(".acts button");
    const again = held && `[data-path="${held.closest(".item").dataset.path}"] [data-act="${held.dataset.act}"]`;
    one("#result").inert = true;
    const answer = await attempt(() => ask("page", { article, record }));
    one("#result").inert = false;
    if (answer) show(answer);
    if (again) one(again)?.focus({ preventScroll: true });
  }

  async function undo() {
    const last = history.pop();
    if (!last) return;
    const before = JSON.parse(last);
    record = before.record;
    accepted = new Set(before.accepted);
    await redraw();
  }

  async function act(name, path) {
    if (name === "edit") return edit(path);
    remember();
    if (name === "accept") {
      const key = keyOf(path);
      if (!accepted.delete(key)) accepted.add(key);
      return decorate();
    }
    const list = locate(listOf(path));
    list.splice(Number(path.split(".").at(-1)), 1);
    await redraw();
  }

  // Spans

  const slice = (start, end) => ({ text: points.slice(start, end).join(""), start, end });

  function occurrences(surface) {
    const whole = points.join("");
    const found = [];
    for (let at = whole.indexOf(surface); surface && at >= 0; at = whole.indexOf(surface, at + 1)) {
      const start = Array.from(whole.slice(0, at)).length;
      found.push(slice(start, start + Array.from(surface).length));
    }
    return found;
  }

  function nearest(surface, start) {
    return occurrences(surface).sort((a, b) => Math.abs(a.start - start) - Math.abs(b.start - start))[0] ?? null;
  }

  function selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const parts = all(".article [id^='p']").filter((part) => range.intersectsNode(part));
    if (!parts.length) return null;
    const base = (part) => Number(part.id.slice(1));
    const offset = (part, node, at, other) =>
      part.contains(node) && node.nodeType === Node.TEXT_NODE ? base(part) + Array.from(node.data.slice(0, at)).length : other;
    const [first, last] = [parts[0], parts.at(-1)];
    let start = offset(first, range.startContainer, range.startOffset, base(first));
    let end = offset(last, range.endContainer, range.endOffset, base(last) + Array.from(last.textContent).length);
    while (start < end && /\s/.test(points[start])) start += 1;
    while (start < end && /\s/.test(points[end - 1])) end -= 1;
    return start < end ? slice(start, end) : null;
  }

  // Correcting and adding

  function field(name, [label, kind], value) {
    const box = document.createElement("label");
    box.append(label);
    let input;
    if (typeof kind === "object") {
      input = document.createElement("select");
      for (const [key, text] of Object.entries(kind)) input.add(new Option(text, key));
      input.value = String(value);
    } else {
      const long = kind === "span" || kind.startsWith("near");
      input = document.createElement(long ? "textarea" : "input");
      if (long) input.rows = 1 + Math.min(4, Math.floor((value?.length ?? 0) / 30));
      if (kind === "date") input.placeholder = "2025-06-27";
      input.value = value ?? "";
    }
    input.name = name;
    box.append(input);
    return box;
  }

  // Put the form's values into an item; an Error says what is wrong with them.
  function fillIn(item, list, values) {
    const { fields, named } = LISTS[list];
    if ("text" in fields && values.text !== item.text) {
      const span = nearest(values.text, item.start ?? 0);
      if (!span) throw new Error(`文中没有“${values.text}”`);
      Object.assign(item, span);
      if (named) { item.name = span.text; if ("mentions" in item) item.mentions = occurrences(span.text); }
      if (list === "details.figures") Object.assign(item, { number: null, lower: null, upper: null, unit: "" });
    }
    for (const [name, [label, kind]] of Object.entries(fields)) {
      const value = values[name];
      if (name === "text") continue;
      if (typeof kind === "object") item[name] = ["strength", "polarity"].includes(name) ? Number(value) : value;
      else if (kind === "word") item[name] = value.trim();
      else if (kind === "date") {
        if (value.trim() && !/^\d{4}-\d\d-\d\d/.test(value.trim())) throw new Error(`${label}：日期写作 2025-06-27`);
        item[name] = value.trim() || null;
      } else if (!value.trim()) {
        if (kind === "near!") throw new Error(`${label}：不能为空`);
        item[name] = null;
      } else if (item[name]?.text !== value) {
        const span = nearest(value, item.start);
        if (!span) throw new Error(`文中没有“${value}”`);
        item[name] = name === "change" ? { ...span, basis: "other", ratio: null } : span;
        if (list === "details.opinions" && name === "speaker") Object.assign(item, { speaker_name: span.text, affiliation: null, title: null });
        if (list === "actions" && name === "subject") item.subject_name = null;
      }
    }
    if (list === "times") {
      const { value_start: from, value_end: to } = item;
      item.kind = !from && !to ? "fuzzy" : from === to ? "point" : "range";
    }
    if (list === "industries" && !/^\d\d$/.test(item.code)) throw new Error("代码是两位数字，例如 36");
  }

  function dialog(title, list, item, done) {
    const box = document.createElement("dialog");
    const form = document.createElement("form");
    const heading = document.createElement("h2");
    heading.textContent = title;
    const wrong = document.createElement("p");
    wrong.className = "wrong";
    wrong.setAttribute("role", "alert");
    const buttons = document.createElement("div");
    for (const [type, text] of [["button", "取消"], ["submit", "确定"]]) {
      const button = document.createElement("button");
      button.type = type;
      button.textContent = text;
      if (type === "button") button.addEventListener("click", () => box.close());
      else button.className = "main";
      buttons.append(button);
    }
    const spanOf = (value) => (value && typeof value === "object" ? value.text : value);
    form.append(heading, ...Object.entries(LISTS[list].fields).map(([name, kind]) => field(name, kind, spanOf(item[name]))), wrong, buttons);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const changed = structuredClone(item);
        fillIn(changed, list, Object.fromEntries(new FormData(form)));
        box.close();
        await done(changed);
      } catch (error) {
        wrong.textContent = error.message;
      }
    });
    box.setAttribute("aria-label", title);
    box.addEventListener("close", () => box.remove());
    box.append(form);
    document.body.firstElementChild.append(box);
    box.showModal();
  }

  function edit(path) {
    const list = listOf(path);
    dialog(`更正：${LISTS[list].name}`, list, locate(path), async (changed) => {
      remember();
      if (path === "sentiment") record.sentiment = changed;
      else locate(list)[Number(path.split(".").at(-1))] = changed;
      accepted.add(`${list} ${JSON.stringify(changed)}`);
      await redraw();
    });
  }

  function add(list, span) {
    const { name, fresh, bare, named } = LISTS[list];
    const item = { ...structuredClone(fresh), ...(bare ? { evidence: span ? [span] : [] } : span ?? { text: "", start: 0, end: 0 }) };
    if (named) Object.assign(item, { name: item.text }, list === "policies" ? {} : { mentions: occurrences(item.text) });
    if (list === "details.opinions") item.content = span;
    if (list === "actions") item.predicate = span;
    if (list === "times" && span) item.statement = null;
    dialog(`添加：${name}`, list, item, async (changed) => {
      remember();
      record.sentiment ??= list === "sentiment.evidence" ? { label: "neutral", score: 0, strength: 0, evidence: [] } : null;
      locate(list).push(changed);
      accepted.add(`${list} ${JSON.stringify(changed)}`);
      await redraw();
    });
  }

  function chooser(span, x, y) {
    one(".float")?.remove();
    const box = document.createElement("div");
    box.className = "float";
    const select = document.createElement("select");
    select.setAttribute("aria-label", "添加到哪一部分");
    for (const [list, { name, fresh }] of Object.entries(LISTS)) if (fresh) select.add(new Option(name, list));
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "添加";
    button.addEventListener("click", () => { box.remove(); add(select.value, span); });
    box.append(select, " ", button);
    document.body.firstElementChild.append(box);
    box.style.left = `${Math.max(4, Math.min(x, innerWidth - box.offsetWidth - 8))}px`;
    box.style.top = `${Math.max(4, Math.min(y, innerHeight - box.offsetHeight - 8))}px`;
    return select;
  }

  document.addEventListener("pointerup", (event) => {
    if (!reviewing || event.target.closest(".float, dialog, .bar")) return;
    setTimeout(() => {
      const span = selected();
      place = span;
      if (span) chooser(span, event.clientX, event.clientY + 14);
      else one(".float")?.remove();
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") one(".float")?.remove();
    if (reviewing && event.key === "z" && (event.ctrlKey || event.metaKey) && !event.target.closest("input, textarea, dialog")) {
      event.preventDefault();
      undo();
    }
  });

  // The bar and the form

  async function save() {
    const answer = await attempt(() => ask("labels", { article, record }));
    if (!answer) return;
    unsaved = false;
    state(`已保存到 ${answer.file}${answer.replaced ? "，旧标注另存" : ""}；${progress()}`);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.act) act(button.dataset.act, button.closest(".item").dataset.path);
    else if (button.id === "undo") undo();
    else if (button.id === "save") save();
    else if (button.id === "add") chooser(place, button.getBoundingClientRect().left, button.getBoundingClientRect().bottom + 6).focus();
    else if (button.id === "new" && (!unsaved || confirm("更正尚未保存，仍要离开？"))) { unsaved = false; state(""); mode(false); }
    // A label must be complete: review starts from all items, not from the first ten of each section.
    else if (button.id === "review" && reviewing) review(false);
    else if (button.id === "review") busy(button, () => extract(null)).then((answer) => { if (answer) review(true); });
  });

  const form = one("#input");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    article = { text: values.text.replace(/\r\n?/g, "\n"), title: values.title.trim() || null, published: values.published || null };
    await busy(one("[type=submit]", form), () => extract(10));
  });

  async function open(file) {
    if (!file) return;
    const text = (await file.text()).replace(/^\ufeff/, "");
    let found = { text };
    if (/\.json$/i.test(file.name)) {
      try { found = JSON.parse(text); } catch { return state(`${file.name} 不是 JSON`, true); }
    }
    if (typeof found?.text !== "string") return state(`${file.name} 没有 text`, true);
    form.elements.text.value = found.text;
    form.elements.title.value = found.title ?? "";
    form.elements.published.value = String(found.published ?? found.date ?? "").slice(0, 10);
    state("");
  }

  one("[type=file]", form).addEventListener("change", (event) => open(event.target.files[0]));
  for (const name of ["dragover", "dragleave", "drop"]) {
    addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.toggle("over", name === "dragover");
      if (name === "drop" && !one("#write").hidden) open(event.dataTransfer.files[0]);
    });
  }
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
})();
