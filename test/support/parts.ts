import '../../src/app/style.css';
import { Curves } from '../../src/app/curves/curves.ts';
import * as exports from '../../src/app/curves/export.ts';
import { fieldGroups } from '../../src/app/fields.ts';
import { read } from '../../src/app/settings.ts';
import { SettingsForm } from '../../src/app/settings_form.ts';
import { parseRows } from '../../src/train/metrics.ts';

/** The form and the curves by themselves; settings are read at once, where the page asks its worker. */

const asked: (readonly string[])[] = [];
const form = new SettingsForm(document.getElementById('settings')!, fieldGroups(), {
  onChange: (settings) => {
    asked.push(settings);
    void Promise.resolve().then(() => form.fill(read(settings)));
  },
});
form.fill(read([...new URLSearchParams(location.search)].map(([field, value]) => `${field}=${value}`)));
const curves = new Curves(document.getElementById('curves')!);

const parts = { form, curves, asked, exports, read, parseRows };
export type Parts = typeof parts;
Object.assign(window, { parts });
