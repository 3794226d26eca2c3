#!/bin/sh
# Makes BUILD/expose/FOLDER/FOLDER a link to SOURCE/src/FOLDER.
set -eu
source_root=$1 build_root=$2 folder=$3
mkdir -p "$build_root/expose/$folder"
ln -sfn "$source_root/src/$folder" "$build_root/expose/$folder/$folder"
