<?php

use App\Http\Controllers\AccountController;
use App\Http\Controllers\ApiKeyController;
use App\Http\Controllers\ContactController;
use App\Http\Controllers\MessageController;
use App\Http\Controllers\SenderNumberController;
use App\Http\Controllers\UsageController;
use Illuminate\Support\Facades\Route;

Route::prefix('v1')->middleware(['tenant', 'auth.key', 'slow'])->group(function () {
    Route::get('me', [AccountController::class, 'me']);
    Route::get('subscription', [AccountController::class, 'subscription']);

    Route::post('api-keys', [ApiKeyController::class, 'store']);
    Route::delete('api-keys/{apiKey}', [ApiKeyController::class, 'destroy']);

    Route::get('sender-numbers', [SenderNumberController::class, 'index']);
    Route::post('sender-numbers', [SenderNumberController::class, 'store'])->middleware('scope:messages.send');

    Route::get('contacts/lookup', [ContactController::class, 'lookup'])->middleware('scope:contacts.lookup');

    Route::get('messages', [MessageController::class, 'index'])->middleware('scope:messages.read');
    Route::post('messages', [MessageController::class, 'store'])->middleware('scope:messages.send');

    Route::get('usage', UsageController::class)->middleware('scope:usage.read');
});
