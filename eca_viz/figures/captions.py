"""Under each figure: one sentence on what to look for, one on what it does not prove."""

PREDICTIONS = (
    "Look at how far the first class is ahead of the second. "
    "A high probability does not say that the class is right: the network must choose one of its "
    "own classes even for a photograph of something else."
)
OVERVIEW = (
    "Look down the rows for layers whose channels differ and along a row for channels that stand "
    "out. A bright channel is let through, which does not prove that the prediction depends on it."
)
WEIGHTS = (
    "Look for channels far from the layer's mean (dashed); the axis shows the range that all "
    "layers share and may not start at 0. A channel's place carries no meaning of its own."
)
SORTED = (
    "Look at how steep the curve is: a flat one means that the layer treats its channels alike. "
    "Rank is within this layer only, and layers differ in their mean."
)
DISTRIBUTION = (
    "Look at where the weights gather. A layer whose weights all lie near one value is close to a "
    "constant scale, which the batch norm before it could have learnt as well."
)
DESCRIPTOR = (
    "Look at the spread of ω at one y: it comes from the neighbours, since without them the dots "
    "would lie on one curve. It does not show which neighbour it was."
)
STEPS = (
    "Read a column downwards: a value, times its coefficient, is a product; the products, stacked "
    "up from left to right, end at z. Red raises the gate, blue lowers it. The largest product "
    "says whom this gate heard most here, not whom the network needs."
)
SQUASH = (
    "Look at where on the curve the channel lies: on the steep part a small change of z moves ω "
    "much, on the flat ends hardly. A large ω does not prove that the prediction depends on it."
)
WINDOW = (
    "Press play or move the slider: the same taps go from channel to channel. Beyond the first and "
    "the last channel (shaded) stand zeros. Neighbours in this order need not see similar things."
)
BLOCK = (
    "Press play or move the slider to see which channels each gate hears, and with which weights "
    "of its own. Neighbours in this order need not see similar things."
)
SQUEEZE = (
    "One value of the bottleneck, made of all channels: those with the largest products have a "
    "column of their own. Every gate of the layer hears this same value."
)
FEATURES = (
    "Look for what the places have in common where the map is far from zero. Right of it is the "
    "same map times ω, on the same colours. A map shows where the channel responds, not what the "
    "network makes of it."
)
CHANNEL_SALIENCY = (
    "Look at which pixels move this channel. A clear picture does not say whether the class "
    "depends on the channel."
)
SALIENCY = (
    "Look at whether the marked places belong to the class. A convincing map does not prove that "
    "the network would decide otherwise without them."
)
SCORES = (
    "Look at how far a map's line is from the random map's (dashed): above it for insertion, below "
    "it for deletion. One photograph does not say which method is better, and a good score does "
    "not prove that the network reasons as the map looks."
)
KERNEL_SIZES = (
    "Look for bars that miss their mark: there the kernel was not chosen by Eq. 12 on C. "
    "A larger k does not by itself mean stronger interaction, since taps may be near zero."
)
TAPS = (
    "Look for a large middle tap (the channel listens to itself) or large outer ones of opposite "
    "sign (it competes with its neighbours). All channels of a layer share these taps."
)
COSTS = (
    "For one photograph of {side} × {side} pixels: compare the first row with the second and the "
    "third. The ECA paper counts in M = 2^20 and G = 2^30, so its ResNet-50 has 24.37 M parameters "
    "where others say 25.6 million. Multiply-adds are those of convolutions and matrix products; "
    "they do not say how long a layer takes."
)
FREQUENCIES = (
    "High on the left (0: all channels alike): the layer passes on what neighbours have in common; "
    "high on the right (0.5: neighbours opposed): what sets them apart. It does not say whether "
    "neighbours are related."
)
MATRICES = (
    "Look at which entries are there at all: a blank one is a channel that this gate never hears. "
    "Red entries open a gate, blue ones close it; how strongly does not say whether the network "
    "gains by it."
)
ACCURACIES = (
    "Look at whether the lines of the seeds cross: where they do, the seed decides more than the "
    "mechanism. Ten easy classes and a small network do not prove the paper's order wrong or right."
)
SWEEP = (
    "Look at how far the dots of one k lie apart before comparing the means. A best k here is the "
    "best for this small network and these few runs, not for others."
)
VOTES = (
    "Look at where the networks disagree: there the photograph is hard for this small network. "
    "One photograph does not say which mechanism is better."
)
GATES = (
    "Look at how much the gates of one row differ: a row that is near 1 almost everywhere hardly "
    "decides anything here. Channel 5 of one network need not be channel 5 of another, since each "
    "was trained on its own from the same start."
)
SIMILARITY = (
    "Look for pairs far from 0: their channels kept the same places in training and got similar "
    "gates. A value near 0 does not prove that the mechanisms differ, since channels may have "
    "changed places; blank means gates that are all alike."
)
BOTTLENECK = (
    "Look at how few values the gates of all channels are made from, and how many of them are 0. "
    "A channel has no value of its own here, which does not prove that its gate is wrong."
)
JACOBIANS = (
    "Look at a column: all that changes when this one channel changes. The colours hold at this "
    "photograph only, and a strong entry does not prove that the prediction depends on it."
)
ADAPTIVE = (
    "Look at how rarely k grows: each step needs C to grow by a factor of 2^(2γ). Layers off the "
    "staircase got their k otherwise, which does not prove that they work worse."
)
CONTRAST_PREDICTIONS = (
    "Look for classes whose probability moved from one to the other. The difference does not say "
    "which of the two is right, nor what made it."
)
CONTRAST_OVERVIEW = (
    "Red: A lets more through, blue: B does; look for layers that differ at all. A row with two C "
    "sets sorted weights against each other, the weakest first. A gate that differs does not prove "
    "that the predictions differ because of it."
)
CONTRAST_LAYER = (
    "Look for channels that stand far off 0. The axis is that of all layers, so a flat picture is "
    "a layer that hardly differs; that does not prove that it plays no part."
)
CONTRAST_SORTED = (
    "The layers differ in their number of channels, so no channel has a counterpart: look at "
    "whether one curve lies above the other. Equal curves do not prove that the same things are "
    "let through."
)
CONTRAST_SALIENCY = (
    "Look at what moved. A − B is taken pixel by pixel: where the photographs differ, it does not "
    "prove that the network looks at another thing, since things lie elsewhere."
)
CHANGED_OVERVIEW = (
    "Look at the layers behind the changed ones as well: they see other feature maps, so their "
    "gates answer. Gates that move a lot do not prove that the prediction does."
)
CHANGED_PREDICTIONS = (
    "Look at whether the order of the classes changes, not only the numbers. That a prediction "
    "survives a change does not prove that attention is useless: the network was trained with it."
)
GATE_EFFECT = (
    "Look at whether the dots far from the line at 0 are those on the right: only then would a "
    "large gate tell that a channel matters. One gate at a time says nothing about several at once."
)
ATTRIBUTION_EFFECT = (
    "Look for a straight line of dots: there the gradient, one backward pass, already tells what "
    "the measurement finds. Attribution asks about the gate's absence, the measurement about its "
    "usual value, so they need not agree."
)
LAYER_EFFECT = (
    "Look for the longest bar: in that layer it matters most for this class that its gates were "
    "not the usual ones. A short bar may also mean that this photograph's gates are the usual ones."
)
MOVED = (
    "Red: the gate is wider open than usual, blue: less, grey: as ever; usual is the mean over "
    "{source}. Look for rows with colour: there the gates answer to what is in this photograph. "
    "That a gate moved does not prove that the prediction did."
)
