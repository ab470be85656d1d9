import { setup } from "qunit-dom";

setup(window.QUnit.assert);

export const { module, test } = window.QUnit;

export default window.QUnit;
