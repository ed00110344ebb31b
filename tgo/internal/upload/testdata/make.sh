#!/usr/bin/env bash
# make.sh makes the files in its folder: the starts, of at most 4096 bytes, of real files of many types. Run it only to add a file, since
# the output of the tools differs a little from version to version. It needs ffmpeg, sox with AMR, heif-enc, 7z, jar,
# python3 and Go. On Debian: apt-get install ffmpeg sox libsox-fmt-all libheif-examples p7zip-full default-jdk-headless python3
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

ff() { ffmpeg -hide_banner -loglevel error -fflags +bitexact -y "$@"; }
sound=(-f lavfi -i sine=440:duration=1)
long=(-f lavfi -i anoisesrc=duration=4)
film=(-f lavfi -i testsrc=duration=0.4:size=128x96:rate=5 -f lavfi -i sine=440:duration=0.4)
picture=(-f lavfi -i color=teal:size=16x16:duration=1:rate=1 -frames:v 1)

# Sound.
ff "${sound[@]}" -c:a libmp3lame -b:a 32k -write_xing 0 -id3v2_version 0 plain.mp3
ff "${sound[@]}" -c:a libmp3lame -b:a 32k -metadata title=A -id3v2_version 3 id3.mp3
ff "${sound[@]}" -c:a aac adts.aac
ff "${sound[@]}" -c:a libopus -b:a 16k opus.ogg
ff "${sound[@]}" -c:a libvorbis -strict -2 vorbis.ogg
ff "${sound[@]}" -c:a flac sound.flac
ff "${sound[@]}" -c:a flac -f ogg flac.ogg
ff "${sound[@]}" -ar 8000 sound.wav
ff "${sound[@]}" sound.aiff
ff "${sound[@]}" -c:a wmav2 sound.wma
sox sound.wav -t amr-nb sound.amr
ff "${sound[@]}" -c:a aac -movflags +faststart sound.m4a
ff "${sound[@]}" -c:a aac -movflags +faststart sound.mp4
ff "${long[@]}" -c:a aac -b:a 64k late.m4a # its track list is at the end
ff "${long[@]}" -c:a aac -b:a 64k late-sound.mp4
ff "${sound[@]}" -c:a aac -movflags +faststart sound.3gp
ff "${sound[@]}" -c:a libopus -b:a 16k sound.webm
ff "${sound[@]}" -c:a libopus -b:a 16k sound.mka

# Films.
ff "${film[@]}" -c:v mpeg4 -c:a aac -movflags +faststart film.mp4
ff "${film[@]}" -c:v mpeg4 -c:a aac -movflags +frag_keyframe+empty_moov fragmented.mp4
ff "${film[@]}" -c:v mpeg4 -q:v 1 -c:a aac late-film.mp4
ff "${film[@]}" -c:v mpeg4 -c:a aac -movflags +faststart film.mov
ff "${film[@]}" -c:v h263 -c:a aac -movflags +faststart film.3gp
ff "${film[@]}" -c:v h263 -c:a aac -movflags +faststart film.3g2
ff "${film[@]}" -c:v libvpx -c:a libopus film.webm
ff "${film[@]}" -map 1:a -map 0:v -c:v libvpx-vp9 -c:a libopus sound-first.webm
ff "${film[@]}" -c:v mpeg4 -c:a aac film.mkv
ff "${film[@]}" -c:v libtheora -c:a libvorbis film.ogv
ff "${film[@]}" -map 1:a -map 0:v -c:v libtheora -c:a libvorbis sound-first.ogv
ff "${film[@]}" -c:v mpeg4 film.avi

# Pictures.
for type in png jpg gif webp bmp tiff; do ff "${picture[@]}" "picture.$type"; done
ff -f lavfi -i testsrc=duration=0.4:size=16x16:rate=5 -f apng animated.png
ff -f lavfi -i color=teal:size=64x64:duration=1:rate=1 -frames:v 1 larger.png
heif-enc -q 10 larger.png -o picture.heic >/dev/null 2>&1
heif-enc -q 10 -A larger.png -o picture.avif >/dev/null 2>&1

# Archives, documents that are archives, and others that are easier to write than to find.
mkdir -p classes && echo hello >classes/a.txt
7z a -bd archive.7z classes/a.txt >/dev/null
jar cf classes.jar -C classes a.txt
python3 - <<'PYTHON'
import zipfile, zlib

def archive(name, *members):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as z:
        for member, text in members:
            stored = member == "mimetype" or member.endswith(".iwa")
            info = zipfile.ZipInfo(member, (2025, 1, 1, 0, 0, 0))
            z.writestr(info, text, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

def office(name, folder, main, content_type, root):
    archive(
        name,
        ("[Content_Types].xml", XML + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
         '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
         f'<Override PartName="/{folder}/{main}" ContentType="{content_type}"/></Types>'),
        ("_rels/.rels", XML + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
         '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
         f' Target="{folder}/{main}"/></Relationships>'),
        (f"{folder}/{main}", XML + root),
    )

O = "application/vnd.openxmlformats-officedocument."
WORD = ('<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        '<w:t>Hello</w:t></w:r></w:p></w:body></w:document>')
SHEET = '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets/></workbook>'
SLIDES = '<p:presentation xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"/>'
office("a.docx", "word", "document.xml", O + "wordprocessingml.document.main+xml", WORD)
office("a.dotx", "word", "document.xml", O + "wordprocessingml.template.main+xml", WORD)
office("a.docm", "word", "document.xml", "application/vnd.ms-word.document.macroEnabled.main+xml", WORD)
office("a.xlsx", "xl", "workbook.xml", O + "spreadsheetml.sheet.main+xml", SHEET)
office("a.xltx", "xl", "workbook.xml", O + "spreadsheetml.template.main+xml", SHEET)
office("a.pptx", "ppt", "presentation.xml", O + "presentationml.presentation.main+xml", SLIDES)

for ext, kind in ("odt", "text"), ("ods", "spreadsheet"), ("odp", "presentation"):
    t = "application/vnd.oasis.opendocument." + kind
    archive("a." + ext, ("mimetype", t), ("content.xml", XML + "<office:document-content/>"),
            ("META-INF/manifest.xml", XML + f'<manifest:manifest><manifest:file-entry manifest:media-type="{t}"/></manifest:manifest>'))
archive("a.epub", ("mimetype", "application/epub+zip"), ("META-INF/container.xml", XML + "<container/>"))
archive("a.apk", ("AndroidManifest.xml", b"\x03\x00\x08\x00"), ("classes.dex", b"dex\n035\x00"))
archive("doc.kmz", ("doc.kml", XML + '<kml xmlns="http://www.opengis.net/kml/2.2"/>'))
archive("other.kmz", ("places.kml", XML + '<kml xmlns="http://www.opengis.net/kml/2.2"/>'))
archive("a.pages", ("Index/Document.iwa", b"\x00\x01\x02"), ("Metadata/Properties.plist", b"bplist00"))
archive("a.zip", ("a.txt", "hello"))

stream = zlib.compress(b"BT /F1 12 Tf (Hello) Tj ET")
with open("a.pdf", "wb") as f:
    f.write(b"%%PDF-1.4\n%%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>"
            b"\nendobj\n3 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n" % (len(stream), stream))
PYTHON

# Office's older formats: real files from the tests of mimetype (MIT license).
mimetype=$(cd "$here" && go list -m -f '{{.Dir}}' github.com/gabriel-vasile/mimetype)/testdata
for type in doc xls ppt msg; do cat "$mimetype/$type.$type" >"a.$type"; done

rm -rf classes larger.png
for file in *; do
	head -c 4096 "$file" >"$here/$file"
done
chmod 644 "$here"/*.*
chmod 755 "$here/make.sh"
du -cb "$here"/* | tail -1
