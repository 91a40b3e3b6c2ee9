'use strict';
(() => {
  const SVG = 'http://www.w3.org/2000/svg';
  const GROUP_PX = 38;
  const ROW_PX = 64;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const byId = (id) => document.getElementById(id);
  const terms = Object.fromEntries(Object.entries(read('terms')).map(([name, pairs]) => [name, new Map(pairs)]));
  const summary = read('summary');
  // Pages of an applicant stand together; within an applicant in the order of the batch.
  const pages = read('pages').map((page, order) => ({ ...page, order }));
  pages.sort((a, b) => (a.applicant ?? '').localeCompare(b.applicant ?? '') || a.order - b.order);
  const verdicts = [...terms.verdict.keys()];

  const TEXTS = {
    title: ['遮盖检查报告', 'Masking report'],
    search: ['搜索文件、编号、内容', 'search files, findings'],
    allKinds: ['全部内容', 'all kinds'],
    allApplicants: ['全部申报人', 'all applicants'],
    noApplicant: ['（无编号）', '(no number)'],
    language: ['English', '中文'],
    page: ['第 {} 页', 'page {}'],
    wholeFile: ['整个文件', 'whole file'],
    needs: ['是否需要遮盖', 'needs masking'],
    yes: ['是', 'yes'], no: ['否', 'no'], open: ['待定', 'open'],
    reason: ['依据', 'why'], mend: ['处理', 'mend'], source: ['来源', 'found in'],
    doubtful: ['待人工确认', 'a person must look'],
    empty: ['没有符合条件的页', 'no page fits the filters'],
    nothing: ['此页没有发现需要遮盖的内容。', 'Nothing to mask was found on this page.'],
    noPicture: ['报告中没有此页图像', 'the report holds no picture of this page'],
    noPictureBoxes: ['报告中没有此页图像，方框为所在位置', 'no picture of this page; the boxes show the places'],
    lostPicture: ['此页图像没有找到：请将 report-pages 文件夹与报告放在一起', 'picture not found: keep the folder report-pages beside the report'],
    nowhere: ['不在页面画面上', 'not on the page itself'],
    back: ['← 列表', '← list'], previous: ['上一页', 'previous'], next: ['下一页', 'next'],
    zoom: ['缩放', 'zoom'], boxes: ['方框', 'boxes'], close: ['关闭', 'close'], keys: ['键盘操作', 'Keys'],
    mark: ['已有遮盖', 'existing cover'],
    interrupted: ['（已中断，报告不完整）', ' (interrupted: the report is incomplete)'],
    shown: ['列出 {} 页', '{} listed'],
  };
  const KEYS = [
    ['j ↓', '下一页', 'next page'], ['k ↑', '上一页', 'previous page'], ['J K', '下一个、上一个申报人', 'next, previous applicant'],
    ['1 – 5', '按结论筛选', 'filter by verdict'], ['0', '清除全部筛选', 'clear all filters'], ['/', '搜索', 'search'],
    ['z', '放大图像', 'zoom the picture'], ['b', '显示或隐藏方框', 'show or hide the boxes'], ['l', '中文 / English', '中文 / English'],
    ['Esc', '返回列表', 'back to the list'], ['?', '本帮助', 'this help'],
  ];

  const isChinese = document.documentElement.dataset.first === 'zh' || navigator.language.toLowerCase().startsWith('zh');
  let language = isChinese ? 'zh' : 'en';
  const filters = { text: '', verdicts: new Set(), kind: '', applicant: '' };
  let rows = []; // { group } or { page }
  let tops = [0];
  let selected = -1; // index in rows
  let current = null; // the page shown
  let withBoxes = true;
  const drawn = new Map();

  const t = (key, ...values) => {
    let at = 0;
    return TEXTS[key][language === 'zh' ? 0 : 1].replace(/\{\}/g, () => values[at++]);
  };
  const term = (name, key) => terms[name].get(key)?.[language] ?? key;
  const place = (page) => (page.page === 0 ? t('wholeFile') : t('page', page.page));
  const separator = () => (language === 'zh' ? '；' : '; ');

  /** An element; strings become text, never markup. */
  function el(name, properties, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties ?? {})) {
      if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
      else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }
  function svg(name, attributes, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  function haystack(page) {
    page.haystack ??= [page.file, page.applicant ?? '', ...page.notes.flatMap((note) => [note.zh, note.en]),
      ...page.findings.flatMap((f) => [f.text ?? '', f.reason.zh, f.reason.en])].join('\n').toLowerCase();
    return page.haystack;
  }
  function fits(page, withoutVerdict) {
    return (withoutVerdict || filters.verdicts.size === 0 || filters.verdicts.has(page.verdict))
      && (filters.kind === '' || page.findings.some((f) => f.kind === filters.kind))
      && (filters.applicant === '' || `=${page.applicant ?? ''}` === filters.applicant)
      && (filters.text === '' || filters.text.split(/\s+/).every((word) => haystack(page).includes(word)));
  }

  /** Lays the rows out anew; stays on the current page where it is still listed. */
  function filter() {
    const counts = new Map(verdicts.map((verdict) => [verdict, 0]));
    const grouped = pages.some((page) => page.applicant !== null);
    let count = 0;
    let group = null;
    rows = [];
    for (const page of pages) {
      if (!fits(page, true)) continue;
      counts.set(page.verdict, counts.get(page.verdict) + 1);
      if (!fits(page, false)) continue;
      if (grouped && (group === null || group.group !== page.applicant)) {
        group = { group: page.applicant, shown: 0 };
        rows.push(group);
      }
      if (group) group.shown += 1;
      rows.push({ page });
      count += 1;
    }
    tops = new Array(rows.length + 1);
    tops[0] = 0;
    rows.forEach((row, index) => { tops[index + 1] = tops[index] + (row.page ? ROW_PX : GROUP_PX); });
    byId('rows').style.height = `${tops[rows.length]}px`;
    byId('empty').hidden = rows.length > 0;
    byId('shown').textContent = t('shown', count);
    for (const chip of byId('verdicts').children) {
      chip.querySelector('.count').textContent = counts.get(chip.dataset.verdict);
      chip.setAttribute('aria-pressed', filters.verdicts.has(chip.dataset.verdict));
    }
    redraw();
    const kept = rows.findIndex((row) => row.page === current);
    if (kept >= 0) select(kept, false);
    else select(firstToSee(), false);
  }

  /** The first page that wants attention, else the first. */
  function firstToSee() {
    const wanting = rows.findIndex((row) => row.page && ['violation', 'unreadable', 'review'].includes(row.page.verdict));
    return wanting >= 0 ? wanting : rows.findIndex((row) => row.page);
  }
  function redraw() {
    for (const node of drawn.values()) node.remove();
    drawn.clear();
    draw();
  }
  /** Puts the rows in sight into the list, and no others. */
  function draw() {
    const list = byId('list');
    const [from, to] = [list.scrollTop - 400, list.scrollTop + list.clientHeight + 400];
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tops[middle + 1] < from) low = middle + 1; else high = middle;
    }
    let end = low;
    while (end < rows.length && tops[end] < to) end += 1;
    for (const [index, node] of drawn) {
      if (index < low || index >= end) { node.remove(); drawn.delete(index); }
    }
    for (let index = low; index < end; index += 1) {
      if (drawn.has(index)) continue;
      const node = rows[index].page ? pageRow(rows[index].page, index) : groupRow(rows[index]);
      node.style.top = `${tops[index]}px`;
      node.style.height = `${tops[index + 1] - tops[index]}px`;
      drawn.set(index, node);
      byId('rows').append(node);
    }
  }
  function groupRow(row) {
    const totals = summary.applicants.find((each) => each.applicant_id === row.group);
    const node = el('div', { class: 'row group' }, row.group ?? t('noApplicant'));
    if (totals) {
      const told = verdicts.filter((v) => totals.verdicts[v]).map((v) => `${term('verdict', v)} ${totals.verdicts[v]}`);
      node.append(el('span', { class: 'counts' }, told.join(language === 'zh' ? '，' : ', ')));
    }
    return node;
  }
  function pageRow(page, index) {
    const inFolder = page.file.slice(page.file.lastIndexOf('/') + 1);
    const picture = page.picture
      ? el('img', { class: 'thumb', src: page.picture, loading: 'lazy', decoding: 'async', alt: '', onerror: (e) => { e.target.removeAttribute('src'); } })
      : el('span', { class: 'thumb' });
    return el('div', {
      class: `row page v-${page.verdict}`, role: 'option', id: `row-${index}`, title: page.file,
      'aria-selected': String(index === selected), onclick: () => { select(index, true); open(); },
    }, picture, el('div', { class: 'what' },
      el('div', { class: 'name' }, el('bdi', null, inFolder), ` · ${place(page)}`),
      el('div', { class: 'found' }, found(page))), el('span', { class: 'pill' }, term('verdict', page.verdict)));
  }
  function found(page) {
    const counts = new Map();
    for (const f of page.findings) {
      const key = language === 'zh' ? term('kind', f.kind) + term('state', f.state) : `${term('kind', f.kind)} ${term('state', f.state)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const told = [...counts].map(([what, count]) => (count > 1 ? `${what}×${count}` : what));
    return [...told, ...page.notes.map((note) => note[language])].join(separator());
  }

  function select(index, focus) {
    if (index < 0 || !rows[index]?.page) {
      selected = -1;
      current = null;
      byId('detail').replaceChildren();
      return;
    }
    drawn.get(selected)?.setAttribute('aria-selected', 'false');
    selected = index;
    const list = byId('list');
    const above = index > 0 && rows[index - 1].group !== undefined ? tops[index - 1] : tops[index];
    if (above < list.scrollTop) list.scrollTop = above;
    else if (tops[index + 1] > list.scrollTop + list.clientHeight) list.scrollTop = tops[index + 1] - list.clientHeight;
    draw();
    drawn.get(index)?.setAttribute('aria-selected', 'true');
    list.setAttribute('aria-activedescendant', `row-${index}`);
    if (focus) list.focus({ preventScroll: true });
    if (current !== rows[index].page) {
      current = rows[index].page;
      history.replaceState(null, '', `#${current.order + 1}`);
      show();
    }
  }
  function move(step) {
    let index = selected + step;
    while (rows[index] && !rows[index].page) index += step;
    if (rows[index]) select(index, !document.body.classList.contains('open'));
  }
  function moveGroup(step) {
    const groups = rows.flatMap((row, index) => (row.page ? [] : [index]));
    const here = groups.filter((index) => index < selected).length - 1;
    const target = groups[here + step];
    if (target !== undefined) select(target + 1, true);
  }
  function open() { document.body.classList.add('open'); byId('detail').scrollTop = 0; }
  function close() { document.body.classList.remove('open'); draw(); byId('list').focus({ preventScroll: true }); }

  function light(index) {
    for (const node of document.querySelectorAll('.lit')) node.classList.remove('lit');
    for (const node of document.querySelectorAll(`[data-finding="${index}"]`)) node.classList.add('lit');
  }
  function show() {
    const page = current;
    const detail = byId('detail');
    if (!page) { detail.replaceChildren(); return; }
    const needs = page.needs === null ? 'open' : page.needs ? 'yes' : 'no';
    const sheet = el('div', { class: `sheet${withBoxes ? '' : ' no-boxes'}` });
    sheet.append(...picture(page, sheet));
    const cards = page.findings.map((finding, index) => card(finding, index));
    const mends = page.verdict === 'unreadable' ? [term('mend', 'send_again')] : [];
    const states = [...new Set(page.findings.map((f) => f.state))];
    const legend = el('div', { class: 'legend' },
      ...states.map((state) => el('span', { class: `s-${state}` }, el('i', { class: 'dot' }), term('state', state))),
      ...(page.marks.length ? [el('span', null, `┄ ${t('mark')}：${[...new Set(page.marks.map((m) => term('style', m.style)))].join(language === 'zh' ? '、' : ', ')}`)] : []));
    detail.replaceChildren(
      el('div', { class: 'bar' },
        el('button', { type: 'button', class: 'back', onclick: close }, t('back')),
        el('button', { type: 'button', title: 'k', onclick: () => move(-1) }, t('previous')),
        el('button', { type: 'button', title: 'j', onclick: () => move(1) }, t('next')),
        el('button', { type: 'button', title: 'z', onclick: zoom }, t('zoom')),
        el('button', { type: 'button', title: 'b', onclick: boxes }, t('boxes'))),
      el('div', { class: `bar v-${page.verdict}` },
        el('h2', null, el('bdi', null, page.file), ` · ${place(page)}`),
        el('span', { class: 'pill' }, term('verdict', page.verdict)),
        el('span', { class: 'meta' }, `${t('needs')}${language === 'zh' ? '：' : ': '}${t(needs)}`)),
      el('div', { class: 'split' },
        el('div', null, sheet, legend),
        el('div', null,
          ...mends.map((mend) => el('p', { class: 'mend' }, mend)),
          page.notes.length ? el('ul', { class: 'notes' }, ...page.notes.map((note) => el('li', null, note[language]))) : null,
          ...cards,
          cards.length || page.verdict === 'unreadable' ? null : el('p', null, t('nothing')))));
    detail.scrollTop = 0;
  }
  function picture(page, sheet) {
    if (!page.width || !page.height) return [el('p', null, t('noPicture'))];
    const shapes = page.findings.flatMap((finding, index) => {
      if (!finding.shape) return [];
      const [x, y] = finding.shape.reduce(([a, b], [c, d]) => [Math.min(a, c), Math.min(b, d)]);
      const size = Math.max(page.width, page.height) / 70;
      const box = svg('polygon', {
        points: finding.shape.map((point) => point.join(',')).join(' '),
        class: `box s-${finding.state}${finding.certain ? '' : ' doubtful'}`, 'data-finding': index,
      }, svg('title', {}, `${index + 1} ${term('kind', finding.kind)} ${term('state', finding.state)}`));
      box.addEventListener('click', (event) => {
        event.stopPropagation();
        light(index);
        document.querySelector(`.finding[data-finding="${index}"]`)?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
      });
      return [box, svg('text', {
        x, y: y > size * 1.3 ? y - size * 0.3 : y + size, 'font-size': size, 'stroke-width': size / 5, class: `label s-${finding.state}`,
      }, String(index + 1))];
    });
    const marks = page.marks.map(({ bbox: [left, top, right, bottom] }) => svg('rect', {
      x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top), class: 'mark',
    }));
    const root = svg('svg', { viewBox: `0 0 ${page.width} ${page.height}`, width: page.width, height: page.height });
    const remarks = [];
    if (page.picture) {
      const image = svg('image', { href: page.picture, width: page.width, height: page.height, preserveAspectRatio: 'none' });
      image.addEventListener('error', () => sheet.prepend(el('p', null, t('lostPicture'))));
      root.append(image);
    } else {
      remarks.push(el('p', null, t(shapes.length ? 'noPictureBoxes' : 'noPicture')));
    }
    root.append(...marks, ...shapes);
    root.addEventListener('click', zoom);
    // An empty sheet says nothing.
    return page.picture || shapes.length ? [...remarks, root] : remarks;
  }
  function card(finding, index) {
    const line = (key, value) => [el('dt', null, t(key)), el('dd', null, value)];
    const sure = finding.certain ? `${finding.confidence} %` : `${t('doubtful')} · ${finding.confidence} %`;
    return el('section', { class: `finding s-${finding.state}`, 'data-finding': index, onclick: () => light(index), onmouseenter: () => light(index) },
      el('h3', null, `${index + 1}. ${term('kind', finding.kind)}`, el('span', { class: 'state' }, term('state', finding.state)), el('span', { class: 'sure' }, sure)),
      finding.text ? el('p', { class: 'text' }, el('bdi', null, finding.text)) : null,
      el('dl', null,
        ...(finding.reason[language] ? line('reason', finding.reason[language]) : []),
        ...line('source', term('source', finding.source) + (finding.shape ? '' : `${separator()}${t('nowhere')}`)),
        ...line('mend', term('mend', finding.mend))));
  }
  function zoom() { document.querySelector('.sheet')?.classList.toggle('zoomed'); }
  function boxes() { withBoxes = !withBoxes; document.querySelector('.sheet')?.classList.toggle('no-boxes', !withBoxes); }

  /** Everything whose words depend on the language. */
  function speak() {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = t('title');
    for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
    byId('language').textContent = t('language');
    byId('search').placeholder = t('search');
    byId('search').setAttribute('aria-label', t('search'));
    byId('empty').textContent = t('empty');
    const count = (verdict) => summary.verdicts[verdict] ?? 0;
    byId('totals').textContent = (language === 'zh'
      ? `${summary.files} 个文件，${summary.pages} 页；需要遮盖 ${summary.needs_masking} 页，违规 ${count('violation')} 页`
      : `${summary.files} files, ${summary.pages} pages; ${summary.needs_masking} need masking, ${count('violation')} in violation`)
      + (summary.complete ? '' : t('interrupted'));
    byId('verdicts').replaceChildren(...verdicts.map((verdict, index) => el('button', {
      type: 'button', class: `chip v-${verdict}`, 'data-verdict': verdict, onclick: () => toggle(verdict),
    }, el('i', { class: 'dot' }), term('verdict', verdict), el('span', { class: 'count' }), el('kbd', null, String(index + 1)))));
    const option = (value, text) => el('option', { value }, text);
    byId('kind').replaceChildren(option('', t('allKinds')), ...[...terms.kind.keys()].map((kind) => option(kind, term('kind', kind))));
    byId('kind').setAttribute('aria-label', t('allKinds'));
    byId('kind').value = filters.kind;
    byId('applicant').replaceChildren(option('', t('allApplicants')), ...summary.applicants.map(({ applicant_id: id, verdict }) =>
      option(`=${id ?? ''}`, `${id ?? t('noApplicant')} · ${term('verdict', verdict)}`)));
    byId('applicant').setAttribute('aria-label', t('allApplicants'));
    byId('applicant').value = filters.applicant;
    byId('applicant').hidden = summary.applicants.length < 2;
    byId('help').replaceChildren(el('h2', null, t('keys')),
      el('dl', null, ...KEYS.flatMap(([keys, zh, en]) => [el('dt', null, el('kbd', null, keys)), el('dd', null, language === 'zh' ? zh : en)])),
      el('button', { type: 'button', onclick: () => byId('help').close() }, t('close')));
    filter();
    show();
  }
  function toggle(verdict) {
    if (!filters.verdicts.delete(verdict)) filters.verdicts.add(verdict);
    filter();
  }
  function clear() {
    Object.assign(filters, { text: '', kind: '', applicant: '' });
    filters.verdicts.clear();
    byId('search').value = '';
    byId('kind').value = '';
    byId('applicant').value = '';
    filter();
  }
  function switchLanguage() { language = language === 'zh' ? 'en' : 'zh'; speak(); }

  byId('language').addEventListener('click', switchLanguage);
  byId('help-button').addEventListener('click', () => byId('help').showModal());
  byId('search').addEventListener('input', (event) => { filters.text = event.target.value.trim().toLowerCase(); filter(); });
  byId('kind').addEventListener('change', (event) => { filters.kind = event.target.value; filter(); });
  byId('applicant').addEventListener('change', (event) => { filters.applicant = event.target.value; filter(); });
  let waiting = false;
  byId('list').addEventListener('scroll', () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  });
  addEventListener('resize', draw);
  const ACTIONS = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1), J: () => moveGroup(1), K: () => moveGroup(-1),
    0: clear, '/': () => byId('search').focus(), z: zoom, b: boxes, l: switchLanguage, '?': () => byId('help').showModal(),
    Enter: open, Escape: close,
  };
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || byId('help').open) return;
    const typing = event.target.closest('input, select');
    if (typing) {
      if (event.key === 'Escape' || (event.key === 'Enter' && typing.id === 'search')) { typing.blur(); byId('list').focus(); }
      return;
    }
    if (event.key === 'Enter' && event.target.closest('button')) return;
    const verdict = verdicts[Number(event.key) - 1];
    const action = verdict ? () => toggle(verdict) : Object.hasOwn(ACTIONS, event.key) ? ACTIONS[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  });
  /** A link to a page, `#12`, counts rows of the report from 1. */
  const linked = /^#(\d+)$/.exec(location.hash);
  speak();
  const target = linked ? rows.findIndex((row) => row.page?.order === Number(linked[1]) - 1) : -1;
  if (target >= 0) { select(target, true); open(); }
})();
