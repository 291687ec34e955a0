// Each text on the page whose contrast with what lies behind it is below 4.5:1 (WCAG 1.4.3), with
// the contrast. Icons, text inside of bars and the number on a slider's handle are no such text.
() => {
    const LEAST = 4.5;
    const OTHERS = "[data-testid=stIconMaterial], .bartext-inside, [role=slider], [disabled], style, [data-testid=stSliderThumbValue]";
    const parse = colour => {
        const parts = colour.match(/[\d.]+/g).map(Number);
        return parts.length > 3 ? parts : [...parts, 1];
    };
    const over = (above, below) =>
        [0, 1, 2].map(i => above[i] * above[3] + below[i] * (1 - above[3]));
    const luminance = colour => {
        const [red, green, blue] = colour.map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ancestors = element => {
        const found = [];
        for (let one = element; one; one = one.parentElement) found.push(one);
        return found;
    };
    const behind = element => {
        const layers = [];
        for (const one of ancestors(element)) {
            const colour = parse(getComputedStyle(one).backgroundColor);
            if (colour[3] > 0) layers.push(colour);
            if (colour[3] === 1) break;
        }
        return layers.reverse().reduce((below, above) => over(above, below), [255, 255, 255]);
    };
    const weak = {};
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const words = texts.currentNode.textContent.trim();
        const element = texts.currentNode.parentElement;
        if (!words || element.closest(OTHERS) || !element.checkVisibility()) continue;
        const style = getComputedStyle(element);
        const inSvg = element instanceof SVGElement;
        const colour = parse(inSvg ? style.fill : style.color);
        colour[3] *= inSvg ? parseFloat(style.fillOpacity) : 1;
        for (const one of ancestors(element)) colour[3] *= parseFloat(getComputedStyle(one).opacity);
        if (colour[3] === 0) continue;
        const ground = behind(element);
        const [dark, light] = [luminance(over(colour, ground)), luminance(ground)].sort((a, b) => a - b);
        const contrast = (light + 0.05) / (dark + 0.05);
        if (contrast < LEAST) weak[words.slice(0, 60)] = contrast.toFixed(2);
    }
    return weak;
}
