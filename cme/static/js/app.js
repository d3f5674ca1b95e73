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

  // Auto-submit: a choice in a form[data-auto="results"], a pause in typing, or a link inside the results asks for the page's
  // own address and renews the results and the counts in the form. Every state is an address: Back and Forward restore it.
  // Whatever goes wrong, the browser goes to that address itself.
  const results = $("form[data-auto]") && document.getElementById($("form[data-auto]").dataset.auto);
  if (results) {
    const panel = document.getElementById("filters");
    const status = $(`[data-status-for="${results.id}"]`);
    const forms = () => $$(`form[data-auto="${results.id}"]`);
    let shown = location.pathname + location.search;
    let asking, timer, typed = false;

    // What the forms ask, as an address. Hidden fields carry what no visible field says; another search is not "exactly" that one.
    const asked = () => {
      const fields = forms().flatMap((form) => [...form.elements]).filter((f) => f.name);
      const visible = new Set(fields.filter((f) => f.type !== "hidden").map((f) => f.name));
      const isOn = (f) => (f.type === "hidden" ? !visible.has(f.name) : !/checkbox|radio/.test(f.type) || f.checked);
      const params = new URLSearchParams();
      fields.filter((f) => isOn(f) && f.value.trim() !== "").forEach(({ name, value }) => {
        if (!params.getAll(name).includes(value)) params.append(name, value);
      });
      if (params.get("q") !== new URLSearchParams(location.search).get("q")) params.delete("exact");
      const query = params.toString();
      return location.pathname + (query && `?${query}`);
    };

    // The form keeps the fields somebody is using; only counts, choices and what is chosen change under them.
    const key = (el) => `${el.name}=${el.value}`;
    const renew = (next) => {
      const on = document.activeElement;
      $$("[data-renew]", panel).forEach((old) => {
        const now = $(`[data-renew="${old.dataset.renew}"]`, next);
        if (!now) return;
        old.hidden = now.hidden;
        const fields = [$$("input", old), $$("input", now)];
        if (fields[0].length && fields.map((all) => all.map(key).join("&")).every((keys, _, [first]) => keys === first)) {
          fields[0].forEach((field, i) => {
            field.checked = fields[1][i].checked;
            field.closest("label").className = fields[1][i].closest("label").className;
            const counts = [field, fields[1][i]].map((f) => $(".check__count", f.closest("label")));
            if (counts[0]) counts[0].textContent = counts[1].textContent;
          });
          return;
        }
        const held = old.contains(on) && on !== old && key(on);
        const open = $("details", old)?.open;
        const value = now.value;
        old.replaceChildren(...now.childNodes);
        if (old.tagName === "SELECT") old.value = value;
        if (open && $("details", old)) $("details", old).open = true;
        if (held) ($$("input, select", old).find((field) => key(field) === held) || $("input", old) || $("#q", panel)).focus();
      });
      ["q", "from", "to"].forEach((name) => {
        const [field, now] = [panel, next].map((el) => $(`[name="${name}"]`, el));
        if (field && now && (field !== on || !typed)) field.value = now.value;
      });
      const [apply, hidden] = [$("[data-apply]", panel), $("[data-apply]", next)];
      $$("input[type=hidden]", apply.parentNode).forEach((field) => field.remove());
      apply.before(...$$("input[type=hidden]", hidden.parentNode));
    };

    const show = async (url, { keep = "push", focus } = {}) => {
      clearTimeout(timer);
      asking?.abort();
      const mine = asking = new AbortController();
      results.setAttribute("aria-busy", "true");
      try {
        const res = await fetch(url, { headers: { "X-Fragment": results.id }, cache: "no-store", signal: mine.signal });
        const next = new DOMParser().parseFromString(await res.text(), "text/html");
        const found = next.getElementById(results.id);
        if (mine !== asking) return;
        if (!found) throw new Error(res.status);
        const held = results.contains(document.activeElement) && document.activeElement.id;
        if (keep !== "no") history[keep === "push" ? "pushState" : "replaceState"](null, "", url);
        shown = location.pathname + location.search;
        results.replaceChildren(...found.childNodes);
        renew(next.getElementById(panel.id));
        document.title = found.dataset.title;
        const on = held && document.getElementById(held);
        if (on) on.focus({ preventScroll: true });
        else if (focus) $("h2", results).focus({ preventScroll: true });
        if (focus && results.getBoundingClientRect().top < 0) results.scrollIntoView();
        if (status) status.textContent = $$("[data-say]", results).map((el) => el.textContent.trim()).join(". ");
        $("[data-apply]", panel).textContent = `Show ${$("h2", results).textContent}`;
        results.removeAttribute("aria-busy");
      } catch {
        if (mine === asking) location.assign(url);
      }
    };

    addEventListener("change", (e) => {
      if (!e.target.closest?.(`form[data-auto="${results.id}"]`)) return;
      if (asked() === shown) return;  // asked already, while it was typed
      const keep = e.target.name === "q" && typed ? "replace" : "push";
      typed = false;
      show(asked(), { keep });
    });
    addEventListener("input", (e) => {
      if (e.target.name !== "q" || e.target.form?.dataset.auto !== results.id) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (asked() === shown) return;
        const keep = typed ? "replace" : "push";  // one step back leads to before the search, not to half a word
        typed = true;
        show(asked(), { keep });
      }, 300);
    });
    panel.addEventListener("focusout", (e) => { if (e.target.name === "q") typed = false; });
    addEventListener("submit", (e) => {
      if (e.target.dataset.auto !== results.id) return;
      e.preventDefault();
      if (matchMedia("(max-width: 59.99rem)").matches) panel.open = false;
      show(asked(), { keep: asked() === shown ? "replace" : "push", focus: true });
    });
    results.addEventListener("click", (e) => {
      const a = e.target.closest("a[href]");
      if (!a || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
      if (a.origin !== location.origin || a.pathname !== location.pathname || a.hash) return;
      e.preventDefault();
      typed = false;
      show(a.pathname + a.search, { focus: true });
    });
    addEventListener("popstate", () => {
      typed = false;
      if (location.pathname + location.search !== shown) show(location.href, { keep: "no" });
    });
    addEventListener("pagehide", () => { asking = null; });  // what ends because somebody leaves is no failure
  }

  // Price follows the chosen rate.
  $$("[data-price-source]").forEach((box) => {
    const show = () => {
      const on = $("input:checked[data-price]", box);
      if (on) $$("[data-price-out]").forEach((o) => { o.textContent = on.dataset.price; });
    };
    box.addEventListener("change", show);
    addEventListener("pageshow", show);  // whoever comes back finds the rate they chose, which is restored by then
  });

  // Claim: the minutes of the ticked sessions become credit as the server counts it: what runs at the same time counts
  // once, the total goes to the nearest step, the tie up, never above what attendance supports.
  const longest = (sessions) => {  // the most minutes one person can attend, none beside another
    const order = [...sessions].sort((a, b) => a.till - b.till);
    const best = [0];
    order.forEach((s, i) => {
      let k = i;
      while (k > 0 && order[k - 1].till > s.from) k -= 1;
      best.push(Math.max(best[i], best[k] + s.long));
    });
    return best[order.length];
  };
  const minutesOf = (sessions) => {
    const groups = [];
    [...sessions].sort((a, b) => a.from - b.from).forEach((s) => {
      const last = groups.at(-1);
      if (last && last.some((o) => o.till > s.from)) last.push(s);
      else groups.push([s]);
    });
    return groups.reduce((sum, g) => sum + Math.min(g.reduce((t, s) => t + s.minutes, 0), longest(g)), 0);
  };
  $$("form[data-claim]").forEach((form) => {
    const out = $("[data-claim-total]", form), less = $("[data-claim-less]", form);
    const most = Number(form.dataset.claim), step = Number(form.dataset.step);
    const boxes = $$("[data-minutes]", form);
    const show = () => {
      const quarters = Number(less.value);
      let credit = most - 25 * quarters;
      if (boxes.length) {
        const ticked = boxes.filter((i) => i.checked).map((i) => {
          const [minutes, from, long] = [i.dataset.minutes, i.dataset.from, i.dataset.long].map(Number);
          return { minutes, from, long, till: from + long };
        });
        const minutes = Math.max(0, minutesOf(ticked) - 15 * quarters);
        credit = Math.floor((200 * minutes + 60 * step) / (120 * step)) * step;
      }
      out.textContent = (Math.max(0, Math.min(credit, most)) / 100).toFixed(2);
    };
    form.addEventListener("change", show);
    addEventListener("pageshow", show);  // whoever comes back finds the boxes as they left them
  });
  // A link to something folded away opens it.
  const unfold = () => { const d = location.hash && document.getElementById(location.hash.slice(1)); if (d && d.matches("details")) d.open = true; };
  addEventListener("hashchange", unfold);
  $$("a[href^='#']").forEach((a) => a.addEventListener("click", () => { const d = document.getElementById(a.hash.slice(1)); if (d && d.matches("details")) d.open = true; }));
  unfold();
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
      const isSaid = res.headers.get("Content-Type")?.startsWith("text/plain");  // a no in words
      if (!res.ok || res.redirected) throw new Error(isSaid ? await res.text() : "");  // redirected: to the sign-in page
      if (b.dataset.other) [b.value, b.dataset.other] = [b.dataset.other, b.value];
    } catch (error) {
      b.setAttribute("aria-pressed", String(was));
      say((error.name === "Error" && error.message) || "Not saved. Check the connection and try again.");
    }
  });

  // Ask again in a few seconds; without script there is a link to press.
  $$("[data-again]").forEach((el) => setTimeout(() => location.replace(el.dataset.again), 3000));

  // A button that prints the page.
  $$("[data-print]").forEach((b) => b.addEventListener("click", () => print()));

  // A file dropped on its form is chosen and sent.
  $$("form[data-drop]").forEach((form) => {
    const over = (is) => (e) => { e.preventDefault(); form.classList.toggle("drop--over", is); };
    form.addEventListener("dragover", over(true));
    form.addEventListener("dragleave", over(false));
    form.addEventListener("drop", (e) => {
      over(false)(e);
      if (!e.dataTransfer.files.length) return;
      $("input[type=file]", form).files = e.dataTransfer.files;
      form.requestSubmit();
    });
  });

  // Unsaved changes guard.
  $$("form[data-guard]").forEach((form) => {
    let dirty = false;
    form.addEventListener("input", () => { dirty = true; });
    form.addEventListener("submit", () => { dirty = false; });
    addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });
  });

  // Drafts: what is typed is kept after a short pause, one request at a time; the form itself works without.
  $$("form[data-draft]").forEach((form) => {
    const status = $("[data-draft-status]", form);
    let timer, busy = false, dirty = false, sent = false;
    const keep = async () => {
      clearTimeout(timer);
      if (busy || !dirty || sent) return;
      busy = true;
      dirty = false;
      try {
        const res = await fetch(form.dataset.draft, { method: "POST", body: new FormData(form), keepalive: true });
        if (!res.ok || res.redirected) throw new Error(res.status);  // a redirect leads to the sign-in page: nothing was kept
        if (!dirty) status.textContent = "Saved";
      } catch {
        dirty = true;
        status.textContent = "Not saved yet. Check the connection; what you answered is still here.";
      }
      busy = false;
      if (dirty) timer = setTimeout(keep, 4000);
    };
    form.addEventListener("input", () => {
      dirty = true;
      status.textContent = "";
      clearTimeout(timer);
      timer = setTimeout(keep, 700);
    });
    form.addEventListener("submit", () => { sent = true; });
    addEventListener("pagehide", keep);
    addEventListener("beforeunload", (e) => { if (dirty && !sent && status.textContent.startsWith("Not")) e.preventDefault(); });
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
