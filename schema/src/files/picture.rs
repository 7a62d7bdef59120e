//! Pictures in smaller sizes. It must not know where they are stored.

use std::io::Cursor;

use image::{ImageReader, Limits};

/// Pixels that a picture may be wide or high to be read at all: a small file can claim to be a huge picture.
const LARGEST: u32 = 10_000;
/// Memory that reading one may take.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// The picture at most so many pixels wide, in its own format; as it is if it is narrow enough or no picture.
pub async fn narrowed(content: Vec<u8>, width: u32) -> Vec<u8> {
    let kept = content.clone();
    let work = tokio::task::spawn_blocking(move || narrow(&content, width.clamp(1, LARGEST)));
    work.await.ok().flatten().unwrap_or(kept)
}

fn narrow(content: &[u8], width: u32) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format().ok()?;
    let format = reader.format()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LARGEST), Some(LARGEST));
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    if picture.width() <= width {
        return None;
    }
    let height = (u64::from(picture.height()) * u64::from(width) / u64::from(picture.width())).max(1);
    let mut out = Cursor::new(Vec::new());
    picture.thumbnail(width, u32::try_from(height).ok()?).write_to(&mut out, format).ok()?;
    Some(out.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn wide_pictures_become_narrow_and_others_stay() {
        let mut wide = Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(200, 100).write_to(&mut wide, image::ImageFormat::Png).expect("a picture");
        let wide = wide.into_inner();
        let small = image::load_from_memory(&narrowed(wide.clone(), 96).await).expect("a picture");
        assert_eq!((small.width(), small.height()), (96, 48));
        assert_eq!(narrowed(wide.clone(), 400).await, wide);
        assert_eq!(narrowed(b"no picture".to_vec(), 96).await, b"no picture");
    }
}
