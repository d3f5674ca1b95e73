/* Gulf Coast Medical Seminars: progressive enhancement
   Every page works with this file missing. One listener per idea, hooks are data-* attributes. */
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (s, el = document) => el.querySelector(s);
  const $$ = (s, el = document) => [...el.querySelectorAll(s)];
  root.classList.add("js");

  // Theme: remembered in a cookie so that the server can print data-theme on <html> (no flash).
  const saved = document.cookie.match(/(?:^|; )theme=(light|dark)/);
  if (saved) root.dataset.theme = saved[1];
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  $$("[data-theme-toggle]").forEach((b) => {
    const sync = () => b.setAttribute("aria-pressed", String(isDark()));
    sync();
    b.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax${location.protocol === "https:" ? ";secure" : ""}`;
      sync();
    });
  });

  // Error summary takes focus on load; its links put focus in the field, with the label in view.
  const summary = $("[data-error-summary]");
  if (summary) {
    summary.tabIndex = -1;
    summary.focus();
    summary.addEventListener("click", (e) => {
      const a = e.target.closest("a[href^='#']");
      const field = a && document.getElementById(a.hash.slice(1));
      if (!field) return;
      e.preventDefault();
      (field.closest(".field") || field).scrollIntoView();
      field.focus({ preventScroll: true });
    });
  }

  // Menus close on Escape and on a click outside.
  addEventListener("click", (e) => $$("details.menu[open]").forEach((m) => m.contains(e.target) || (m.open = false)));
  addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    $$("details.menu[open]").forEach((m) => { m.open = false; $("summary", m).focus(); });
  });

  // Filters: browsers without ::details-content get the panel opened on wide screens.
  const fold = $(".filters-fold");
  if (fold && !CSS.supports("selector(::details-content)") && matchMedia("(min-width: 60rem)").matches) fold.open = true;

  // Auto-submit: changing a filter fetches the catalog's own address and swaps the results region. Several forms may feed
  // one region (filters and sort order); hidden fields only carry one form's choices to the next without script.
  const chosen = (id) => {
    const params = new URLSearchParams();
    $$(`form[data-auto="${id}"]`).forEach((form) => {
      for (const [name, value] of new FormData(form)) {
        const field = form.elements[name];
        if (value !== "" && field?.type !== "hidden") params.append(name, value);
      }
    });
    return params.toString();
  };
  let turn = 0;
  addEventListener("change", async (e) => {
    const form = e.target.closest?.("form[data-auto]");
    if (!form) return;
    const target = document.getElementById(form.dataset.auto);
    const query = chosen(target.id);
    const url = form.action.split("?")[0] + (query && `?${query}`);
    const mine = ++turn;
    target.setAttribute("aria-busy", "true");
    try {
      const res = await fetch(url, { headers: { "X-Fragment": target.id } });
      if (!res.ok) throw new Error(res.status);
      const next = new DOMParser().parseFromString(await res.text(), "text/html").getElementById(target.id);
      if (mine === turn && next) {
        const held = target.contains(document.activeElement) && document.activeElement.id;
        target.replaceChildren(...next.childNodes);
        if (held) document.getElementById(held)?.focus();
        history.replaceState(null, "", url);
        const status = $(`[data-status-for="${target.id}"]`);
        if (status) status.textContent = $("h2", target)?.textContent || "";
      }
    } catch { /* the Apply button still works */ }
    if (mine === turn) target.removeAttribute("aria-busy");
  });

  // Price follows the chosen rate.
  $$("[data-price-source]").forEach((box) => {
    const show = () => {
      const on = $("input:checked[data-price]", box);
      if (on) $$("[data-price-out]").forEach((o) => { o.textContent = on.dataset.price; });
    };
    box.addEventListener("change", show);
    show();
  });

  // Claim: the minutes of the ticked sessions become credit as the server counts it, to the nearest step, the tie up,
  // never above what can be claimed; whoever types an amount is left alone.
  $$("form[data-claim]").forEach((form) => {
    const fields = $$("[data-claim-field]", form);
    const out = $("[data-claim-total]", form);
    const show = () => { out.textContent = fields[0].value || "0.00"; };
    form.addEventListener("change", (e) => {
      if (!e.target.matches("[data-minutes]")) return;
      const minutes = $$("input:checked[data-minutes]", form).reduce((t, i) => t + Number(i.dataset.minutes), 0);
      fields.forEach((f) => {
        const step = Math.round(Number(f.dataset.step) * 100);
        const credit = Math.floor((200 * minutes + 60 * step) / (120 * step)) * step / 100;
        f.value = Math.min(credit, Number(f.dataset.most)).toFixed(2);
      });
      show();
    });
    form.addEventListener("input", show);
    show();
  });
  $$("[data-tick-all]").forEach((b) => b.addEventListener("click", () => {
    const boxes = $$("input[type=checkbox]:not(:disabled)", document.getElementById(b.dataset.tickAll));
    if (!boxes.length) return;
    const on = boxes.some((i) => !i.checked);
    boxes.forEach((i) => { i.checked = on; });
    boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
  }));

  // Password reveal.
  $$("[data-reveal]").forEach((b) => b.addEventListener("click", () => {
    const input = document.getElementById(b.dataset.reveal);
    const open = input.type === "password";
    input.type = open ? "text" : "password";
    b.textContent = open ? "Hide" : "Show";
    b.setAttribute("aria-label", `${b.textContent} password`);
  }));

  // Copy a link.
  $$("[data-copy]").forEach((b) => b.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(b.dataset.copy);
      say("Link copied");
    } catch { say("Copying did not work here. Select the link and copy it."); }
  }));

  // Live preview: an input writes its text into every matching output.
  $$("[data-preview]").forEach((i) => {
    const outs = $$(`[data-preview-out="${i.dataset.preview}"]`);
    i.addEventListener("input", () => outs.forEach((o) => { o.textContent = i.value || o.dataset.empty || ""; }));
  });

  // Table search: hides rows that do not match; the form still submits to the server.
  $$("[data-table-search]").forEach((i) => {
    const rows = $$(`#${i.dataset.tableSearch} tbody tr`);
    i.addEventListener("input", () => {
      const q = i.value.trim().toLowerCase();
      rows.forEach((r) => { r.hidden = q !== "" && !r.textContent.toLowerCase().includes(q); });
    });
  });

  // Check-in buttons: optimistic, rolled back when the server says no.
  addEventListener("submit", async (e) => {
    const form = e.target.closest("form[data-toggle]");
    if (!form) return;
    e.preventDefault();
    const b = e.submitter;
    const was = b.getAttribute("aria-pressed") === "true";
    b.setAttribute("aria-pressed", String(!was));
    try {
      const res = await fetch(form.action, { method: "POST", body: new FormData(form, b), headers: { "X-Fragment": "toggle" } });
      if (!res.ok || res.redirected) throw new Error(res.status);  // a redirect leads to the sign-in page: nothing was kept
      if (b.dataset.other) [b.value, b.dataset.other] = [b.dataset.other, b.value];
    } catch {
      b.setAttribute("aria-pressed", String(was));
      say("Not saved. Check the connection and try again.");
    }
  });

  // Ask again in a few seconds; without script there is a link to press.
  $$("[data-again]").forEach((el) => setTimeout(() => location.replace(el.dataset.again), 3000));

  // A button that prints the page.
  $$("[data-print]").forEach((b) => b.addEventListener("click", () => print()));

  // Unsaved changes guard.
  $$("form[data-guard]").forEach((form) => {
    let dirty = false;
    form.addEventListener("input", () => { dirty = true; });
    form.addEventListener("submit", () => { dirty = false; });
    addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });
  });

  // Polite status message.
  let toast;
  function say(text) {
    if (!toast) {
      toast = document.createElement("p");
      toast.className = "toast";
      toast.setAttribute("role", "status");
      document.body.append(toast);
    }
    toast.hidden = false;
    toast.textContent = text;
    clearTimeout(say.t);
    say.t = setTimeout(() => { toast.hidden = true; }, 5000);
  }
})();
