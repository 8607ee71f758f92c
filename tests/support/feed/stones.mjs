// The stones, each made from its number alone, so that half a million need little memory: number → what the supplier
// says of it. Only the price is kept, in cents. The measures are those of ggplot2's diamonds, repeated under new ids.

import { readFileSync } from 'node:fs';

const kShapes = ['OVAL', 'PRINCESS', 'EMERALD', 'CUSHION', 'PEAR', 'RADIANT', 'ASSCHER', 'MARQUISE', 'HEART'];
const kCuts = { Ideal: 'ID', Premium: 'EX', 'Very Good': 'VG', Good: 'GD', Fair: 'F' };
const kFinishes = ['EX', 'EX', 'VG', 'GD'];
const kFluorescences = ['NON', 'NON', 'NON', 'FNT', 'MED', 'STG'];
const kFancy = { colors: ['YELLOW', 'PINK', 'BLUE', 'BROWN'], intensities: ['FANCY', 'LIGHT', 'INTENSE', 'VIVID'] };
const kFirstCreated = Date.UTC(2024, 0, 1);
const kMinute = 60_000;

/** Mixes the bits of a number; a salt gives another, independent number. */
export function mix(number, salt = 0) {
  let h = (number + Math.imul(salt + 1, 0x9e3779b1)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** True for this part of the numbers, always the same ones. */
export const among = (number, part, salt) => part > 0 && mix(number, salt) < part * 0x1_0000_0000;

const hex = (number, digits) => number.toString(16).padStart(digits, '0');

/** A UUID whose last group is the stone's number. */
export const idOf = (number) =>
  `${hex(mix(number, 1), 8)}-${hex(mix(number, 2) & 0xffff, 4)}-4${hex(mix(number, 3) & 0xfff, 3)}-8` +
  `${hex(mix(number, 4) & 0xfff, 3)}-${hex(number, 12)}`;
export const numberOf = (id) => parseInt(String(id).slice(-12), 16);

/** The lines of diamonds.csv, taken apart when they are asked for, and its prices in dollars. */
export function readDiamonds(path) {
  const lines = readFileSync(path, 'latin1').trimEnd().split('\n').slice(1);
  const row = (at) => lines[at].split(',');
  return { count: lines.length, row, dollars: Int32Array.from(lines, (_, at) => Number(row(at)[6])) };
}

/** The recorded histogram, from,to,stones: the supplier's real counts by dollars. */
export function readCounts(path) {
  return readFileSync(path, 'utf8').trim().split('\n').slice(1).map((line) => {
    const [from, to, stones] = line.split(',').map(Number);
    return { from, to, stones };
  });
}

/** Prices in cents, by number, as diamonds.csv has them; every fourth stone has some cents beside its dollars. */
export function pricesOfDiamonds(diamonds, from, to) {
  const prices = new Int32Array(to - from);
  for (let number = from; number < to; ++number) {
    const dollars = diamonds.dollars[rowOf(number, diamonds.count)];
    prices[number - from] = dollars * 100 + (mix(number, 5) % 4 === 0 ? 25 * (1 + (mix(number, 6) % 3)) : 0);
  }
  return prices;
}

/** Prices in cents as the histogram has them, spread evenly within a bucket, in no order. `stones`: scaled to so many. */
export function pricesOfCounts(buckets, stones) {
  const all = buckets.reduce((sum, { stones: n }) => sum + n, 0);
  const scaled = buckets.map((bucket) => Math.round((bucket.stones * (stones ?? all)) / all));
  const total = scaled.reduce((sum, n) => sum + n, 0);
  let step = 7919; // prime; the next one where it divides the total
  while (step > 1 && total % step === 0) step = step === 7919 ? 7927 : 1;
  const prices = new Int32Array(total);
  let at = 0;
  buckets.forEach(({ from: least, to }, which) => {
    const from = Math.max(least, 1); // nothing is given away
    for (let k = 0; k < scaled[which]; ++k, ++at) {
      prices[(at * step) % total] = Math.floor((from + ((k + 0.5) * (to - from)) / scaled[which]) * 100);
    }
  });
  return prices;
}

/** The file is sorted by price; neighbours in number are not neighbours in the file. */
const rowOf = (number, count) => (number * 7919) % count;

export const createdAt = (number) => kFirstCreated + number * kMinute;
export const firstUpdatedAt = (number) => createdAt(number) + (mix(number, 7) % 40_000) * kMinute;

/** What a filter asks for, without the price. Three tenths are lab grown, one in twenty is a fancy natural. */
export function traits(number, diamonds) {
  const [carat, cut, color, clarity] = diamonds.row(rowOf(number, diamonds.count));
  const kind = mix(number, 8) % 100;
  return {
    carats: Number(carat),
    cut: kCuts[cut],
    color: kind >= 30 && kind < 35 ? 'FANCY' : color,
    clarity,
    labgrown: kind < 30,
    fancy: kind >= 30 && kind < 35,
    shape: mix(number, 9) % 10 < 6 ? 'ROUND' : kShapes[mix(number, 10) % kShapes.length],
    hasImage: mix(number, 11) % 5 !== 0,
  };
}

/** What `items` holds for it; `state` has its price in cents and how often it was changed. */
export function itemOf(number, diamonds, state) {
  const t = traits(number, diamonds);
  const [, , , , depth, table, , x, y, z] = diamonds.row(rowOf(number, diamonds.count));
  const id = idOf(number);
  const of = (salt, list) => list[mix(number, salt) % list.length];
  return {
    id: `DIAMOND/${id}`,
    price: state.price,
    discount: -Number(((mix(number, 12) % 4000) / 100 + state.version).toFixed(2)),
    diamond_price: state.price,
    markup_price: state.price,
    markup_discount: null,
    diamond: {
      id,
      availability: 'AVAILABLE',
      HoldId: null,
      NivodaStockId: hex(number, 8).toUpperCase(),
      supplierStockId: `S-${number}`,
      image: t.hasImage ? `https://media.supplier.example/${id}.jpg` : null,
      video: mix(number, 13) % 3 === 0 ? `https://media.supplier.example/${id}/video` : null,
      eyeClean: of(14, ['100%', 'YES', 'NO', null]),
      brown: of(15, ['NONE', 'NONE', 'LIGHT']),
      green: 'NONE',
      blue: 'NONE',
      gray: null,
      milky: of(16, ['NONE', 'NONE', 'LIGHT']),
      bowtie: null,
      mine_of_origin: null,
      supplier_video_link: null,
      approval_type: 'AUTO',
      final_price: state.price,
      show_measurements: true,
      show_certificate_number: true,
      return_window: '7',
      CertificateType: null,
      delivery_time: { express_timeline_applicable: false, min_business_days: 3, max_business_days: 7 },
      certificate: {
        id: `CERTIFICATE/${id}`,
        lab: t.labgrown ? 'IGI' : of(17, ['GIA', 'GIA', 'HRD']),
        certNumber: String(1_000_000_000 + number),
        pdfUrl: `https://media.supplier.example/${id}.pdf`,
        shape: t.shape,
        fullShape: null,
        carats: t.carats,
        clarity: t.clarity,
        cut: t.cut,
        polish: of(18, kFinishes),
        symmetry: of(19, kFinishes),
        color: t.color,
        length: x,
        width: y,
        depth: z,
        depthPercentage: depth,
        table,
        crownAngle: '34.5',
        crownHeight: '15',
        pavAngle: '40.8',
        pavHeight: null,
        pavDepth: '43',
        floInt: of(20, kFluorescences),
        floCol: null,
        verified: true,
        labgrown: t.labgrown,
        labgrown_type: t.labgrown ? of(21, ['CVD', 'HPHT']) : null,
        treated: false,
        girdle: 'MED - STK',
        culetSize: 'NON',
        girdleCondition: null,
        culet_condition: null,
        cut_style: null,
        keyToSymbols: of(22, ['Feather, Crystal', 'Cloud', null]),
        comments: of(23, ['Pinpoints are not shown.', 'Élégant, 0.01 × 0.02 mm', null]),
        f_color: t.fancy ? of(24, kFancy.colors) : null,
        f_intensity: t.fancy ? of(25, kFancy.intensities) : null,
        f_overtone: null,
      },
      supplier: { id: `SUPPLIER/${mix(number, 26) % 40}`, name: `Supplier ${mix(number, 26) % 40}`, legal_name: null },
    },
  };
}
