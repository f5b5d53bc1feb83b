/** Style sheet of the report, over that of every page. */

export const REPORT_STYLE = `
.masthead { border-bottom: 2px solid var(--ink); padding-bottom: 1.1rem; }
.masthead .kind { color: var(--muted); font-size: .85rem; letter-spacing: .04em; }
.masthead nav { margin-top: .8rem; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; }
.notes { margin: 1.4rem 0 0; padding: .8rem 1rem; list-style: none; background: var(--soft); border-inline-start: 3px solid var(--second); }
.note { padding-inline-start: .7rem; border-inline-start: 3px solid var(--second); }
.part { margin-top: 3.2rem; }
.part > h2 { display: flex; gap: .7rem; align-items: baseline; flex-wrap: wrap; }
.part > h2 small { font-size: .9rem; font-weight: 400; color: var(--muted); }
section { margin-top: 2.4rem; }
section h4 { margin: 1.4rem 0 .6rem; color: var(--muted); font-weight: 600; }
.how { color: var(--muted); font-size: .92rem; margin-bottom: .7rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.2rem, 1fr)); gap: .7rem; margin-top: 1.1rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .65rem .75rem .55rem; display: flex; flex-direction: column; font-size: .84rem; break-inside: avoid; }
.tile .value { margin-top: auto; font-size: 1.45rem; font-weight: 600; line-height: 1.3; }
.tile.hero .value { color: var(--first); }
.tile .whisker { margin: .25rem 0 .3rem; }
.whisker { position: relative; display: block; height: .8rem; min-width: 6rem; direction: ltr; background: linear-gradient(var(--line), var(--line)) center / 100% 1px no-repeat; }
.whisker i { position: absolute; top: 50%; }
.whisker .bar { height: 5px; margin-top: -2.5px; border-radius: 3px; background: currentColor; opacity: .38; min-width: 2px; }
.whisker .dot { width: 9px; height: 9px; margin: -4.5px; border-radius: 50%; background: currentColor; }
.whisker .mark { top: -2px; bottom: -2px; width: 0; border-inline-start: 1.5px dotted var(--muted); }
.whisker.first { color: var(--first); } .whisker.plain { color: var(--muted); }
.whisker.bad, .bad { color: var(--bad); } .whisker.good, .good { color: var(--good); }
.track { width: 38%; min-width: 9rem; }
th.track { text-align: start; }
.range, .wide, .p, tbody th { white-space: nowrap; }
thead th { min-width: 4.7rem; max-width: 8.5rem; }
.figure, .range { width: 1%; }
th.track { max-width: none; }
tr.own th, tr.own td { background: var(--soft); }
tr.own th { padding-inline-start: .6rem; }
.label bdi { color: var(--muted); font-size: .9em; margin-inline-start: .35rem; white-space: nowrap; }
.meter { min-width: 6rem; }
.meter span { display: block; padding: .05rem .3rem; background: linear-gradient(90deg, color-mix(in srgb, var(--first) 24%, transparent) calc(100% * var(--share)), transparent 0); border-radius: 3px; }
.confusion { width: auto; }
.confusion .cell { text-align: center; min-width: 7.5rem; padding: .6rem .8rem; border: 2px solid var(--paper); border-radius: 6px; background: color-mix(in srgb, var(--tone) calc(78% * var(--share)), var(--soft)); }
.confusion .hit { --tone: var(--first); } .confusion .miss { --tone: var(--bad); }
.confusion .strong { color: var(--paper); }
.confusion .cell b { display: block; font-size: 1.15rem; }
.confusion .cell span { font-size: .8rem; opacity: .85; }
.confusion th { border: 0; } .confusion thead th { text-align: center; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1.6rem 2.4rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1.4rem 2rem; }
.grid figure { margin: 0; }
.grid figcaption { display: flex; justify-content: space-between; gap: .6rem; font-size: .92rem; margin-bottom: .3rem; white-space: nowrap; }
.grid figure > div { display: grid; grid-template-columns: 1fr 1fr; gap: .6rem; }
.grid.single { grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); } .grid.single figure > div { grid-template-columns: 1fr; }
svg .first { stroke: var(--first); stroke-width: 2; } svg .second { stroke: var(--second); stroke-width: 1.6; } svg .third { stroke: var(--third); stroke-width: 1.6; }
svg .dot.first { fill: var(--first); stroke: var(--paper); } svg .dot.second { fill: var(--second); stroke: var(--paper); }
svg .guide { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 3 3; fill: none; }
svg .band { fill: var(--first); opacity: .14; } svg .count { fill: var(--muted); opacity: .28; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .88rem; color: var(--muted); margin-bottom: .8rem; }
.swatch { display: inline-block; width: 1.3rem; height: 3px; margin-inline-end: .4rem; vertical-align: middle; border-radius: 2px; }
.swatch.first { background: var(--first); } .swatch.second { background: var(--second); } .swatch.third { background: var(--third); }
.swatch.dashed { background: repeating-linear-gradient(90deg, var(--muted) 0 4px, transparent 4px 7px); height: 2px; }
.swatch.point { width: 9px; height: 9px; border-radius: 50%; background: var(--first); } .swatch.diamond { width: 9px; height: 9px; border-radius: 0; transform: rotate(45deg); background: var(--second); }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1rem; align-items: start; }
.mistake { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1.1rem; }
.mistake header { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; }
.mistake header code { margin-inline-start: auto; } code { color: var(--muted); font-size: .82rem; }
.probability { font-size: 1.15rem; font-weight: 600; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .8rem; margin: .4rem 0 .6rem; font-size: .88rem; }
dt { color: var(--muted); } dd { margin: 0; }
.chip { display: inline-block; padding: 0 .5rem; border-radius: 1rem; background: var(--soft); font-size: .85rem; white-space: nowrap; }
.chip.wrong { background: color-mix(in srgb, var(--bad) 16%, transparent); color: var(--bad); }
.chip.missing { background: transparent; box-shadow: inset 0 0 0 1px var(--bad); color: var(--bad); }
.chip.right { background: color-mix(in srgb, var(--good) 16%, transparent); color: var(--good); }
.text { font-size: 1.02rem; line-height: 1.75; white-space: pre-line; overflow-wrap: anywhere; }
.driver { display: grid; grid-template-columns: 3.6rem 1fr; gap: .6rem; margin-top: .4rem; align-items: baseline; }
.effect { font-weight: 600; text-align: end; } .effect.for { color: var(--first); } .effect.against { color: var(--second); }
.sentence { --tone: var(--first); background: color-mix(in srgb, var(--tone) calc(32% * var(--share)), transparent); border-radius: 3px; }
.sentence.against { --tone: var(--second); }
summary { cursor: pointer; color: var(--first); margin-top: .6rem; font-size: .92rem; }
summary + * { margin-top: .5rem; }
.change { padding: .7rem 0; border-bottom: 1px solid var(--line); }
.change header { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; font-size: .9rem; }
.change .text { font-size: .95rem; margin-top: .2rem; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .88rem; }
@media (max-width: 36rem) { .track { min-width: 6rem; width: auto; } body { padding-inline: .9rem; } }
@media print {
  .part { break-before: page; }
  .masthead + .part { break-before: auto; }
  nav { display: none !important; }
  thead th { min-width: 0; max-width: 6.5rem; }
  .track, .meter { min-width: 4rem; width: auto; }
  .whisker { min-width: 4rem; }
  .tiles { grid-template-columns: repeat(4, 1fr); }
  .grid { grid-template-columns: 1fr 1fr; }
}
`;
