//! Both inference runtimes execute the models alike.

use zhegai::assets::{Asset, Assets};
use zhegai::error::Error;
use zhegai::inference::{Model, Runtime};

/// Input shapes (batch, channels, height, width) as the program uses them, of odd widths too.
const CASES: [(Asset, [usize; 4]); 5] = [
    (Asset::TextDetectionTiny, [1, 3, 320, 224]),
    (Asset::TextReadingTiny, [2, 3, 48, 328]),
    (Asset::TextReadingSmall, [1, 3, 48, 264]),
    (Asset::PageOrientation, [1, 3, 224, 224]),
    (Asset::TextDetectionSmall, [1, 3, 192, 256]),
];

/// A striped picture in −1..1: enough structure for outputs that differ from place to place.
fn picture(shape: [usize; 4]) -> Vec<f32> {
    let [batch, channels, height, width] = shape;
    let pixel = |i: usize| {
        let (x, y, channel) = (i % width, i / width % height, i / width / height);
        ((x / 5 + y / 7 + channel) % 9) as f32 / 4.0 - 1.0
    };
    (0..batch * channels * height * width).map(pixel).collect()
}

fn load(assets: &Assets, runtime: Runtime, asset: Asset) -> Model {
    Model::load(runtime, asset.file_name(), assets.bytes(asset).expect("the asset")).expect("a model")
}

#[test]
fn both_runtimes_give_the_same_numbers() {
    let assets = Assets::ready().expect("assets");
    if !assets.is_known(Asset::OnnxRuntime) {
        // There is no other runtime to compare with on this platform.
        return;
    }
    assert_eq!(Runtime::available(&assets).expect("a runtime"), Runtime::OnnxRuntime);
    for (asset, shape) in CASES {
        let run = |runtime| load(&assets, runtime, asset).run(shape, picture(shape)).expect("a run");
        let (fast, plain) = (run(Runtime::OnnxRuntime), run(Runtime::Rten));
        assert_eq!(fast.len(), plain.len(), "{asset:?}");
        for (fast, plain) in fast.iter().zip(&plain) {
            assert_eq!(fast.shape, plain.shape, "{asset:?}");
            let largest = fast.data.iter().zip(&plain.data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            let spread =
                plain.data.iter().copied().fold(0.0, f32::max) - plain.data.iter().copied().fold(1.0, f32::min);
            assert!(spread > 1e-3, "{asset:?} answers the same everywhere, which shows nothing");
            assert!(largest < 2e-3, "{asset:?} differs by {largest}");
        }
    }
}

#[test]
fn one_model_serves_several_threads_at_once() {
    let assets = Assets::ready().expect("assets");
    let (asset, shape) = CASES[1];
    let model = load(&assets, Runtime::available(&assets).expect("a runtime"), asset);
    let alone = model.run(shape, picture(shape)).expect("a run");
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| model.run(shape, picture(shape)).expect("a run"))).collect();
        for run in runs {
            assert_eq!(run.join().expect("no panic"), alone);
        }
    });
}

#[test]
fn what_does_not_fit_the_model_is_an_error_that_names_it() {
    let assets = Assets::ready().expect("assets");
    Runtime::available(&assets).expect("a runtime");
    for runtime in [Runtime::OnnxRuntime, Runtime::Rten] {
        let broken = Model::load(runtime, "broken.onnx", b"not a model".to_vec());
        assert!(matches!(broken, Err(Error::Model { name, .. }) if name == "broken.onnx"), "{runtime}");
        let model = load(&assets, runtime, Asset::TextReadingTiny);
        for (shape, values) in [([1, 3, 48, 64], 100), ([1, 1, 48, 64], 48 * 64)] {
            let failed = model.run(shape, vec![0.0; values]);
            assert!(matches!(failed, Err(Error::Model { .. })), "{runtime} {shape:?}");
        }
    }
}
