<?php

// Composer's place: Debian packages bring the framework, and the application's own classes are found by PSR-4.
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
