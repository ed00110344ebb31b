<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    // Write-ahead logging cannot be switched on inside a transaction.
    public $withinTransaction = false;

    public function up(): void
    {
        DB::statement('PRAGMA journal_mode = WAL');

        Schema::create('organizations', function (Blueprint $table) {
            $table->id();
            $table->string('name');
            $table->string('slug')->unique();
            $table->string('status');
            $table->string('billing_email');
            $table->timestamp('email_verified_at')->nullable();
            $table->timestamps();
        });

        Schema::create('domains', function (Blueprint $table) {
            $table->id();
            $table->foreignId('organization_id')->constrained();
            $table->string('host')->unique();
            $table->timestamps();
        });

        Schema::create('users', function (Blueprint $table) {
            $table->id();
            $table->foreignId('organization_id')->constrained();
            $table->string('name');
            $table->string('email')->unique();
            $table->timestamps();
        });

        Schema::create('subscriptions', function (Blueprint $table) {
            $table->id();
            $table->foreignId('organization_id')->constrained();
            $table->json('plan');
            $table->string('status');
            $table->json('limits');
            $table->timestamps();
        });

        Schema::create('api_keys', function (Blueprint $table) {
            $table->id();
            $table->foreignId('organization_id')->constrained();
            $table->foreignId('user_id')->constrained();
            $table->string('name');
            $table->string('prefix');
            $table->string('hash')->unique();
            $table->json('scopes');
            $table->string('status');
            $table->timestamp('expires_at')->nullable();
            $table->timestamp('last_used_at')->nullable();
            $table->timestamps();
        });

        Schema::create('sender_numbers', function (Blueprint $table) {
            $table->id();
            $table->foreignId('organization_id')->constrained();
            $table->string('phone')->unique();
            $table->string('display_name')->nullable();
            $table->string('status');
            $table->string('verification_status');
            $table->unsignedInteger('daily_limit_override')->nullable();
            $table->timestamp('verified_at')->nullable();
            $table->timestamps();
        });

        Schema::create('contacts', function (Blueprint $table) {
            $table->id();
            $table->string('phone')->unique();
            $table->boolean('is_reachable')->default(true);
            $table->timestamp('verified_at')->nullable();
            $table->timestamps();
        });

        Schema::create('messages', function (Blueprint $table) {
            $table->id();
            $table->foreignId('organization_id')->constrained();
            $table->foreignId('sender_number_id')->constrained();
            $table->foreignId('api_key_id')->constrained();
            $table->foreignId('recipient_user_id')->nullable()->constrained('contacts');
            $table->unsignedBigInteger('conversation_id')->nullable();
            $table->unsignedBigInteger('message_id')->nullable();
            $table->string('to_phone');
            $table->string('message_type');
            $table->text('content')->nullable();
            $table->unsignedInteger('duration')->nullable();
            $table->string('file_name')->nullable();
            $table->unsignedBigInteger('file_size')->nullable();
            $table->string('file_type')->nullable();
            $table->string('media_path')->nullable();
            $table->string('media_sha256')->nullable();
            $table->unsignedBigInteger('media_size')->nullable();
            $table->string('media_name')->nullable();
            $table->string('media_type')->nullable();
            $table->string('status');
            $table->timestamp('sent_at')->nullable();
            $table->timestamps();
        });
    }
};
