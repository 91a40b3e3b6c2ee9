//! What is told of identity by the place or cover where it lies: its state, why it is reported, and how to mend it.

use crate::pdf::strings::Place;
use crate::pdf::uncover::Cover;
use crate::report::FindingState;

/// Why identity on a picture or page that is not shown is reported, and how to mend it.
pub const UNSHOWN_REASON: &str = "the file holds a picture or page that it does not show: save the pages as images in a \
    new file / 文件中保留了未显示的图片或页面：请将各页转为图片另存";
pub(super) const TEXT_UNKNOWN: &str = "the page has text that neither shows nor says what it is (a broken font): save the page as \
    an image / 页面有既不显示、也无法识别的文字（字体损坏）：请将该页转为图片";
pub(super) const TEXT_VISIBLE: &str = "live text on the page: cover it in the pixels and save the page as an image / \
    页面文字可见且可选中：请遮盖后将该页另存为图片";
pub(super) const TEXT_INVISIBLE: &str = "invisible text over the page can be copied and searched: remove the text layer / \
    不可见文字仍可复制、检索：请删除文字层";
pub(super) const TEXT_OFF_PAGE: &str = "text outside the displayed page is still in the file: flatten the page / \
    页面显示范围之外仍有文字：请将该页转为图片";
pub(super) const TEXT_UNDER_ANNOTATION: &str = "live text lies under an annotation that can be moved away: burn the mask into \
    the page / 文字在可移除的批注、图章或表单域之下：请将遮盖合并到页面图像";
pub(super) const TEXT_UNDER_SHAPE: &str = "live text lies under a drawn shape or picture: it can still be copied; flatten the \
    page / 文字在色块或图片之下，仍可复制：请将该页转为图片";
pub(super) const TEXT_UNSEEN: &str = "text in the file that cannot be seen (clipped, in the colour of its background, in a \
    hidden layer, or partly covered) can still be copied: flatten the page / \
    文件中有看不见的文字（裁剪、与背景同色、隐藏图层或部分被遮），仍可复制：请将该页转为图片";
pub(super) const ATTACHMENTS: &str = "the file carries attachments that are not examined: remove them / \
    文件内嵌附件，内容未检查：请删除";
pub(super) const UNREADABLE_STREAMS: &str = "a part of the file cannot be decoded and was not examined: save the pages as images / \
    文件部分内容无法解码，未能检查：请将页面转为图片";
pub(super) const THUMBNAIL: &str = "the file's thumbnail of this page shows something else than the page: remove thumbnails / \
    页面缩略图与页面内容不一致：请删除缩略图";
pub(super) const PICTURE_THUMBNAIL: &str = "the thumbnail inside a picture of the page shows something else than the picture: save \
    the page as an image / 页面图片自带的缩略图与图片内容不一致：请将该页转为图片";
pub(super) const UNDRAWN: &str = "other viewers may show a drawn line here that cannot be shown, perhaps writing (an annotation \
    without an appearance): print the page to a new PDF / 其他阅读器可能在此页显示线条或手写内容（没有外观的批注），此处无法绘制：\
    请打印为新的 PDF";
pub(super) const EARLIER_REVISION: &str = "an earlier version saved inside the file still shows it: save as a new file, not by \
    updating / 文件内保留的早期版本仍有该内容：请另存为新文件，不要增量保存";

pub(super) fn place_reason(place: Place) -> &'static str {
    match place {
        Place::Properties => "in the document properties: remove them / 在文档属性中：请清除",
        Place::Xmp => "in XMP metadata: remove it / 在 XMP 元数据中：请清除",
        Place::Picture => {
            "in a picture's own metadata: save the page as an image / 在图片自带的元数据中：请将页面转为图片"
        }
        Place::Outline => "in a bookmark: remove the bookmarks / 在书签中：请删除书签",
        Place::Attachment => "in an attached file: remove attachments / 在内嵌附件中：请删除附件",
        Place::FormField => {
            "in a form field's name or value: clear it and flatten the form / 在表单域中：请清空并平面化"
        }
        Place::Annotation => "in a comment or link: remove annotations / 在批注或链接中：请删除",
        Place::Script => "in a script or automatic action: remove scripts / 在脚本或动作中：请删除",
        Place::ReplacementText => {
            "in a replacement text or description (ActualText, Alt): remove the tags / 在替换文本或说明中：请删除标签"
        }
        Place::Layer => "in a layer's name: merge the layers / 在图层名称中：请合并图层",
        Place::Private => {
            "in a program's private data (PieceInfo): print or save to a new PDF / 在编辑软件的私有数据中：请打印或另存为新 PDF"
        }
        Place::Name => {
            "in a name inside the file (a link target, style or font name): save the pages as images / \
             在文件内部名称（跳转目标、样式等）中：请将页面转为图片"
        }
        Place::Other => {
            "in data of the file that is not shown: save the pages as images / 在不显示的数据中：请将页面转为图片"
        }
        Place::Leftover => "in a leftover of editing: save as a new file / 在编辑残留对象中：请另存为新文件",
    }
}

/// The state of what appears when a cover is taken away.
pub fn cover_state(cover: Cover) -> FindingState {
    match cover {
        Cover::Annotations
        | Cover::DrawnOver
        | Cover::LayersOn
        | Cover::LayerOff(_)
        | Cover::PictureParts
        | Cover::Transparency => FindingState::RemovableMask,
        Cover::CropBox
        | Cover::AnnotationFlags
        | Cover::LaterRevisions(_)
        | Cover::UnshownPicture
        | Cover::Attachment
        | Cover::Leftover => FindingState::Hidden,
    }
}

/// Why something that appears when a cover is taken away is reported, and how to mend it.
pub fn cover_reason(cover: Cover) -> &'static str {
    match cover {
        Cover::Annotations => {
            "appears when annotations or form fields are taken away: burn the mask into the page / \
             移除批注、图章或表单域后可见：请将遮盖合并到页面图像"
        }
        Cover::DrawnOver => {
            "appears when what is drawn over it is taken away: save the page as an image / \
             移除覆盖的色块或图片后可见：请将该页转为图片"
        }
        Cover::LayersOn | Cover::LayerOff(_) => {
            "appears when layers are switched: merge the layers into an image / 切换图层后可见：请合并图层并转为图片"
        }
        Cover::PictureParts => {
            "a mask, a crop or transparency hides it, but the picture still holds it: save the page as an image / \
             图片的蒙版、裁剪或透明之下仍保留该内容：请将该页转为图片"
        }
        Cover::Transparency => {
            "only transparent, the file still holds it: save the picture on a white ground, as JPEG / \
             只是变为透明，文件中仍保留该内容：请合并到白底并另存为 JPEG"
        }
        Cover::AnnotationFlags => {
            "in an annotation that is not displayed: remove annotations / 在未显示的批注中：请删除批注"
        }
        Cover::CropBox => {
            "lies outside the displayed area but in the file: save the page as an image / \
             在裁剪区域之外但仍在文件中：请将该页转为图片"
        }
        Cover::LaterRevisions(_) => EARLIER_REVISION,
        Cover::UnshownPicture => UNSHOWN_REASON,
        Cover::Attachment => place_reason(Place::Attachment),
        Cover::Leftover => place_reason(Place::Leftover),
    }
}
