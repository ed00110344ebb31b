<?php

// Replaces Composer's autoloader: the framework comes from Debian's packages, and the application's classes are found by PSR-4.
require 'Illuminate/autoload.php';

spl_autoload_register(function (string $class): void {
    foreach (['App\\' => '/../app/', 'Database\\Seeders\\' => '/../database/seeders/'] as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            $file = __DIR__.$folder.str_replace('\\', '/', substr($class, strlen($prefix))).'.php';
            if (is_file($file)) {
                require $file;
            }
        }
    }
});
